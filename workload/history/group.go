package history

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Group is what the consumers of a group got and acked, over all streams, in the order in
// which they did. It is not safe for concurrent use.
type Group struct {
	log
	last groupLast

	// Problem is why not all was read, and Unasked why it is not known what is pending; "" if
	// it was. Pending is XPENDING's count in the end.
	Problem, Unasked string
	Pending          *int64
	// Errors are those that the consumers met.
	Errors []record.ErrorCount
}

// GroupEvent is one thing that happened to a group.
type GroupEvent struct {
	Kind     GroupEventKind
	Consumer int // of deliveries and acks
	Key      int // the stream
	At       record.Millis
	// Entries were delivered, and Foreign that the workload did not write.
	Entries []StreamEntry
	Foreign int64
}

// GroupEventKind is what happened to a group.
type GroupEventKind uint8

const (
	Delivered GroupEventKind = iota // some entries
	AckedAll                        // all that were delivered to the consumer last
	Remade                          // the group was missing on a stream, and has been made again
	groupEventEnd
)

// groupLast is what the events of a group are told from.
type groupLast struct {
	ns      int64
	numbers map[uint32]int64  // of writes, by client
	ids     map[int][2]uint64 // of entries, by stream
}

func (l *groupLast) begin() {
	if l.numbers == nil {
		l.numbers, l.ids = map[uint32]int64{}, map[int][2]uint64{}
	}
}

// Enter enters what happens next.
func (g *Group) Enter(e GroupEvent) {
	g.last.begin()
	b := append(g.log, byte(e.Kind))
	if e.Kind == AckedAll {
		g.log = binary.AppendUvarint(b, uint64(e.Consumer))
		return
	}
	ns := max(Nanoseconds(e.At), g.last.ns) // by clocks that were read in another order, maybe
	b = binary.AppendUvarint(b, uint64(ns-g.last.ns))
	g.last.ns = ns
	b = binary.AppendUvarint(b, uint64(e.Key))
	if e.Kind == Delivered {
		b = binary.AppendUvarint(b, uint64(e.Consumer))
		b = binary.AppendUvarint(b, uint64(e.Foreign))
		b = binary.AppendUvarint(b, uint64(len(e.Entries)))
		for _, entry := range e.Entries {
			b = g.last.append(b, e.Key, entry)
		}
	}
	g.log = b
}

// append appends an entry: its client, the number of the write, and the two of its id.
func (l *groupLast) append(b []byte, key int, e StreamEntry) []byte {
	b = binary.AppendUvarint(b, uint64(e.Client))
	b = binary.AppendVarint(b, int64(e.N)-l.numbers[e.Client])
	l.numbers[e.Client] = int64(e.N)
	id := [2]uint64{uint64(e.ID) >> entrySeqBits, uint64(e.ID) & (1<<entrySeqBits - 1)}
	b = binary.AppendVarint(b, int64(id[0]-l.ids[key][0]))
	b = binary.AppendUvarint(b, id[1])
	l.ids[key] = id
	return b
}

// All is all that happened, in its order. An event's entries are the caller's.
func (g *Group) All() iter.Seq[GroupEvent] {
	return func(yield func(GroupEvent) bool) {
		var last groupLast
		last.begin()
		for r := bytes.NewReader(g.log); r.Len() > 0; {
			e, err := last.read(r)
			if err != nil || !yield(e) {
				return // what was decoded has no errors
			}
		}
	}
}

func (l *groupLast) read(r *bytes.Reader) (e GroupEvent, err error) {
	kind, err := r.ReadByte()
	if err != nil {
		return e, err
	}
	if e.Kind = GroupEventKind(kind); e.Kind >= groupEventEnd {
		return e, fmt.Errorf("something unknown happened to a group, %d", kind)
	}
	if e.Kind == AckedAll {
		e.Consumer, err = readInt(r)
		return e, err
	}
	passed, err := number(r, maxNS)
	if err != nil {
		return e, err
	}
	if l.ns += int64(passed); l.ns > maxNS {
		return e, errTooMuch
	}
	e.At = Milliseconds(l.ns)
	if e.Key, err = readInt(r); err != nil || e.Kind == Remade {
		return e, err
	}
	if e.Consumer, err = readInt(r); err != nil {
		return e, err
	}
	foreign, err := readInt(r)
	if err != nil {
		return e, err
	}
	e.Foreign = int64(foreign)
	entries, err := number(r, uint64(r.Len())) // each takes more than a byte
	if err != nil {
		return e, err
	}
	e.Entries = make([]StreamEntry, entries)
	for i := range e.Entries {
		if e.Entries[i], err = l.readEntry(r, e.Key); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (l *groupLast) readEntry(r *bytes.Reader, key int) (e StreamEntry, err error) {
	client, err := number(r, math.MaxInt32)
	if err != nil {
		return e, err
	}
	passed, err := binary.ReadVarint(r)
	if err != nil {
		return e, err
	}
	e.Client = uint32(client)
	n := l.numbers[e.Client] + passed
	if passed > MaxWrites || n < 0 || n > MaxWrites {
		return e, errTooMuch
	}
	e.N, l.numbers[e.Client] = uint32(n), n
	later, err := binary.ReadVarint(r)
	if err != nil {
		return e, err
	}
	seq, err := number(r, 1<<entrySeqBits-1)
	id := [2]uint64{l.ids[key][0] + uint64(later), seq}
	l.ids[key] = id
	e.ID = PackEntryID(id[0], id[1])
	return e, err
}

func readInt(r *bytes.Reader) (int, error) {
	n, err := number(r, math.MaxInt32)
	return int(n), err
}

// Encode writes what happened to the group, and what was found in the end.
func (g *Group) Encode(w io.Writer) error {
	if err := g.log.Encode(w); err != nil {
		return err
	}
	var b []byte
	for _, text := range []string{g.Problem, g.Unasked} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	pending := uint64(0)
	if g.Pending != nil {
		pending = 1 + uint64(*g.Pending)
	}
	b, err := appendErrors(binary.AppendUvarint(b, pending), g.Errors)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// DecodeGroup reads what happened to a group of so many consumers, on so many streams of what
// clients have written.
func DecodeGroup(r *bufio.Reader, written []History, keys, consumers int) (*Group, error) {
	g := &Group{}
	var err error
	if g.log, err = decodeLog(r); err != nil {
		return nil, err
	}
	var last groupLast
	last.begin()
	for all := bytes.NewReader(g.log); all.Len() > 0; {
		e, err := last.read(all)
		if err != nil {
			return nil, inside(err)
		}
		if e.Key >= keys || e.Consumer >= consumers {
			return nil, fmt.Errorf("consumer %d read stream %d", e.Consumer, e.Key)
		}
		for _, entry := range e.Entries {
			if int(entry.Client) >= len(written) {
				return nil, fmt.Errorf("client %d wrote what a group was delivered", entry.Client)
			}
		}
	}
	for _, to := range []*string{&g.Problem, &g.Unasked} {
		text, err := decodeBytes(r, maxErrors)
		if err != nil {
			return nil, err
		}
		*to = string(text)
	}
	pending, err := number(r, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	if pending > 0 {
		count := int64(pending - 1)
		g.Pending = &count
	}
	g.Errors, err = decodeErrors(r)
	return g, err
}

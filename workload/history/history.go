// Package history is what the clients of a workload did, and what came of it. It is written
// while a run goes on, and read afterwards, from memory or from what Encode made of it.
//
// What is encoded, and how many bytes an operation takes before it is compressed:
//
//   - [History]: the outcome of each write of a client, when it was known, and who acked it;
//     one byte. All types of workloads have one for each client.
//   - [Stamps] and [Received], of publishers and subscribers: when each message was sent, and
//     when a subscriber received it, one byte each; and the times for which it was subscribed.
//   - [Locking], of a client that asks for locks: one byte for a request that was denied; about
//     15 for a lock that was granted, used and released.
//   - [Key]: operations on registers, each with its times and the values that it set, wanted
//     and found; about 11 bytes.
//   - [Group]: what a consumer group was delivered, and what it acked; five bytes an entry where
//     entries come many at a time.
//
// Numbers are varints as in encoding/binary, most of them differences from the one before. What
// is decoded may come from elsewhere: it is refused if it cannot be what Encode wrote, and takes
// no more memory than some times its own size.
package history

import (
	"encoding/binary"
	"iter"
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// History is what became of one client's writes, by their sequence number. It
// is written by that client alone, and read after it has ended.
//
// A write takes a byte: two bits of outcome, and six of how many milliseconds on
// the run's clock lie between the outcome of the write before and its own. One that
// took longer takes some bytes more. To find a write in the middle, every markEvery
// writes it is noted where the next one begins.
type History struct {
	blocks [][]byte // an entry never crosses the end of one
	marks  []mark
	n      uint32
	last   uint32 // time of the last one, in ms
	Ackers ackers
}

// mark is where a write is: in which block, at which of its bytes, and the time
// that its own is told from, in ms.
type mark struct {
	block uint32
	at    uint32
	ms    uint32
}

const (
	markEvery = 64
	// leastBlock and mostBlock are how many bytes the first block holds, and the
	// last ones: a client may write little, and there may be many clients.
	leastBlock, mostBlock = 64, 64 << 10

	deltaBits = 6
	// deltaOffset makes room for outcomes that were known before the one of the
	// write before.
	deltaOffset = 8
	// longDelta: the time comes in bytes of its own.
	longDelta = 1<<deltaBits - 1

	// MaxWrites is how many writes a history can number.
	MaxWrites = math.MaxUint32
)

// Add appends the outcome of the next write, known at ms on the run's clock.
func (h *History) Add(o Outcome, ms record.Millis) {
	at := uint32(min(max(ms, 0), math.MaxUint32))
	last := len(h.blocks) - 1
	if last < 0 || cap(h.blocks[last])-len(h.blocks[last]) < 1+binary.MaxVarintLen64 {
		size := leastBlock
		if last >= 0 {
			size = min(2*cap(h.blocks[last]), mostBlock)
		}
		h.blocks = append(h.blocks, make([]byte, 0, size))
		last++
	}
	block := h.blocks[last]
	if h.n%markEvery == 0 {
		h.marks = append(h.marks, mark{uint32(last), uint32(len(block)), h.last})
	}
	delta := int64(at) - int64(h.last)
	if short := delta + deltaOffset; 0 <= short && short < longDelta {
		block = append(block, byte(o)<<deltaBits|byte(short))
	} else {
		block = binary.AppendVarint(append(block, byte(o)<<deltaBits|longDelta), delta)
	}
	h.blocks[last], h.last = block, at
	h.n++
}

// HasRoom tells whether so many writes can be added.
func (h *History) HasRoom(writes int) bool { return h.n <= MaxWrites-uint32(writes) }

// Len is the number of writes, and the sequence number of the next one.
func (h *History) Len() uint32 { return h.n }

// At is the outcome of write n, and when it was known in ms.
func (h *History) At(n uint32) (o Outcome, ms uint32) {
	m := h.marks[n/markEvery]
	for range n%markEvery + 1 {
		o, ms = h.next(&m)
	}
	return o, ms
}

// Entry is what a history knows of a write.
type Entry struct {
	Outcome Outcome
	At      uint32
}

// All is every write in its order.
func (h *History) All() iter.Seq2[uint32, Entry] {
	return func(yield func(uint32, Entry) bool) {
		var m mark
		for n := range h.n {
			if o, ms := h.next(&m); !yield(n, Entry{o, ms}) {
				return
			}
		}
	}
}

// next reads the write at a mark, and moves the mark to the one after it.
func (h *History) next(m *mark) (o Outcome, ms uint32) {
	block := h.blocks[m.block]
	if int(m.at) == len(block) {
		m.block, m.at = m.block+1, 0
		block = h.blocks[m.block]
	}
	e := block[m.at]
	m.at++
	delta := int64(e&longDelta) - deltaOffset
	if e&longDelta == longDelta {
		long, n := binary.Varint(block[m.at:])
		delta, m.at = long, m.at+uint32(n)
	}
	m.ms = uint32(int64(m.ms) + delta)
	return Outcome(e >> deltaBits), m.ms
}

package history

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// How the operations on registers are encoded. Each is a byte that says what it is, then its
// client, its node, when it was called and for how long it went on, and the values that it
// sets, wants and found: some ten bytes.
const (
	opKind     = 3      // these bits are its kind
	opAnswered = 1 << 2 // it was
	opDoubts   = 1 << 3 // the number of its doubts comes last
	opUnknown  = 0xff &^ (opKind | opAnswered | opDoubts)

	// A value is nothing, one that nobody sets, or the operation that sets it: by how many
	// operations before or after this one it is, or else by its client and number.
	valueNothing  = 0
	valueForeign  = 1
	valueNumbered = 2
	valueNear     = 3 // and zigzag of how many

	// maxNodes is more than a cluster has, each under all of its names.
	maxNodes = 1 << 16
)

// registers is what an encoding of operations refers back to.
type registers struct {
	nodes    []string
	numberOf map[string]int // of nodes
	last     map[int]int64  // number of the last value that is set, by client
	lastNS   int64          // when an operation was called last
}

// EncodeKeys writes the operations on keys: how many generations a key has, and of each, how
// many operations there are, whether these are not all, and the operations.
func EncodeKeys(w io.Writer, keys []Key) error {
	e := registers{numberOf: map[string]int{}, last: map[int]int64{}}
	var b []byte
	for i := range keys {
		b = binary.AppendUvarint(b, uint64(len(keys[i].Generations)))
		for _, g := range keys[i].Generations {
			size := uint64(len(g.Ops)) << 1
			if g.Cut {
				size |= 1
			}
			b = e.append(binary.AppendUvarint(b, size), g.Ops)
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// append appends the operations of a generation.
func (e *registers) append(b []byte, ops []Operation) []byte {
	setAt := make(map[ValueID]int, len(ops))
	for i := range ops {
		if ops[i].Sets != 0 {
			setAt[ops[i].Sets] = i
		}
	}
	value := func(b []byte, at int, v ValueID) []byte {
		switch set, near := setAt[v]; {
		case v == 0:
			return append(b, valueNothing)
		case v == ForeignValue:
			return append(b, valueForeign)
		case near:
			return binary.AppendUvarint(b, valueNear+zigzag(int64(at-set)))
		}
		client, n := v.Write()
		return binary.AppendUvarint(binary.AppendUvarint(append(b, valueNumbered), uint64(client)), uint64(n))
	}
	for i := range ops {
		o := &ops[i]
		what := byte(o.Kind)
		if o.Answered {
			what |= opAnswered
		}
		if o.Doubts > 0 {
			what |= opDoubts
		}
		b = binary.AppendUvarint(append(b, what), uint64(o.Client))
		b = binary.AppendVarint(b, o.CallNS-e.lastNS)
		e.lastNS = o.CallNS
		if o.Answered {
			b = e.appendNode(b, o.Node)
			b = binary.AppendUvarint(b, uint64(max(o.OverNS-o.CallNS, 0)))
		}
		if o.Kind != Read {
			_, n := o.Sets.Write()
			b = binary.AppendVarint(b, int64(n)-e.last[int(o.Client)])
			e.last[int(o.Client)] = int64(n)
		}
		if o.Kind == CAS {
			b = value(b, i, o.Wants)
		}
		if o.Kind != Write && o.Answered {
			b = value(b, i, o.Found)
		}
		if o.Doubts > 0 {
			b = append(b, o.Doubts)
		}
	}
	return b
}

// appendNode appends the number of a node, and its name where that is new.
func (e *registers) appendNode(b []byte, name string) []byte {
	n, known := e.numberOf[name]
	if !known {
		n = len(e.numberOf)
		e.numberOf[name] = n
	}
	if b = binary.AppendUvarint(b, uint64(n)); !known {
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	}
	return b
}

// DecodeKeys reads the operations of some clients on so many keys, up to most operations.
func DecodeKeys(r *bufio.Reader, clients, keys int, most int64) ([]Key, error) {
	d := registers{last: map[int]int64{}}
	all := make([]Key, keys)
	for i := range all {
		generations, err := number(r, uint64(most)+maxGenerations)
		if err != nil {
			return nil, err
		}
		for n := range int(generations) {
			size, err := number(r, uint64(most)<<1|1)
			if err != nil {
				return nil, err
			}
			g := &Generation{Key: i, Number: n, Cut: size&1 != 0}
			all[i].Generations = append(all[i].Generations, g)
			if most -= int64(size >> 1); most < 0 {
				return nil, errTooMuch
			}
			if err := d.read(r, g, int(size>>1), clients); err != nil {
				return nil, fmt.Errorf("generation %d of key %d: %w", n, i, err)
			}
		}
	}
	return all, nil
}

// maxGenerations is more than there are of a key without an operation that was kept.
const maxGenerations = 1 << 20

// read reads the operations of a generation.
func (d *registers) read(r *bufio.Reader, g *Generation, size, clients int) error {
	values := make([][2]uint64, 0, min(size, 1<<10)) // those wanted and found, by operation
	for range size {
		var o Operation
		var v [2]uint64
		var more [2]ValueID
		what, err := r.ReadByte()
		if err != nil {
			return err
		}
		if o.Kind = Kind(what & opKind); o.Kind > CAS || what&opUnknown != 0 {
			return fmt.Errorf("an operation of no kind, %d", what)
		}
		client, err := number(r, uint64(clients-1))
		if err != nil {
			return err
		}
		o.Client, o.Answered = int32(client), what&opAnswered != 0
		if err := d.readTimes(r, &o); err != nil {
			return err
		}
		if o.Kind != Read {
			passed, err := binary.ReadVarint(r)
			if err != nil {
				return err
			}
			n := d.last[int(client)] + passed
			if passed > MaxWrites || n < 0 || n > MaxWrites {
				return errTooMuch
			}
			d.last[int(client)], o.Sets = n, NewValueID(int(client), uint32(n))
		}
		if o.Kind == CAS {
			if v[0], more[0], err = readValue(r); err != nil {
				return err
			}
		}
		if o.Kind != Write && o.Answered {
			if v[1], more[1], err = readValue(r); err != nil {
				return err
			}
		}
		o.Wants, o.Found = more[0], more[1]
		if what&opDoubts != 0 {
			if o.Doubts, err = r.ReadByte(); err != nil {
				return err
			}
		}
		g.Ops, values = append(g.Ops, o), append(values, v)
	}
	return resolve(g.Ops, values)
}

// readTimes reads when an operation was called, and if it was answered, by whom and when.
func (d *registers) readTimes(r *bufio.Reader, o *Operation) error {
	passed, err := binary.ReadVarint(r)
	if err != nil {
		return err
	}
	if passed > maxNS || d.lastNS+passed < 0 || d.lastNS+passed > maxNS {
		return errTooMuch
	}
	d.lastNS += passed
	if o.CallNS = d.lastNS; !o.Answered {
		return nil
	}
	node, err := number(r, uint64(len(d.nodes)))
	if err != nil {
		return err
	}
	if int(node) == len(d.nodes) {
		name, err := decodeBytes(r, maxNodeName)
		if err != nil {
			return err
		}
		if d.nodes = append(d.nodes, string(name)); len(d.nodes) > maxNodes {
			return errTooMuch
		}
	}
	o.Node = d.nodes[node]
	lasted, err := number(r, maxNS)
	o.OverNS = o.CallNS + int64(lasted)
	return err
}

// readValue reads a value, or which operation sets it.
func readValue(r *bufio.Reader) (near uint64, v ValueID, err error) {
	switch near, err = number(r, math.MaxUint32); {
	case err != nil || near == valueNothing:
		return 0, 0, err
	case near == valueForeign:
		return 0, ForeignValue, nil
	case near >= valueNear:
		return near, 0, nil
	}
	client, err := number(r, math.MaxInt32)
	if err != nil {
		return 0, 0, err
	}
	n, err := number(r, MaxWrites)
	return 0, NewValueID(int(client), uint32(n)), err
}

// resolve puts values in the place of the operations that set them.
func resolve(ops []Operation, values [][2]uint64) error {
	for i, v := range values {
		for j, to := range []*ValueID{&ops[i].Wants, &ops[i].Found} {
			if v[j] < valueNear {
				continue
			}
			set := int64(i) - unzigzag(v[j]-valueNear)
			if set < 0 || set >= int64(len(ops)) || ops[set].Sets == 0 {
				return fmt.Errorf("operation %d is to know a value that operation %d sets", i, set)
			}
			*to = ops[set].Sets
		}
	}
	return nil
}

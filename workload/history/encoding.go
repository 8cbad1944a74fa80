package history

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Encode writes the history: how many writes there are, their entries as they are kept, a
// byte for most of them, and who acked them.
func (h *History) Encode(w io.Writer) error {
	b := binary.AppendUvarint(nil, uint64(h.n))
	if _, err := w.Write(b); err != nil {
		return err
	}
	for _, block := range h.blocks {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	b = binary.AppendUvarint(b[:0], uint64(len(h.Ackers.changes)))
	last := uint32(0)
	for _, c := range h.Ackers.changes {
		b = binary.AppendUvarint(b, uint64(c.n-last))
		b = binary.AppendUvarint(b, uint64(c.shard))
		b = binary.AppendUvarint(b, uint64(len(c.node)))
		b = append(b, c.node...)
		last = c.n
	}
	_, err := w.Write(b)
	return err
}

const (
	// maxShard is more than there are slots, and maxNodeName more than a name has.
	maxShard    = 1 << 15
	maxNodeName = 1 << 10
)

// errTooMuch: more than a history can number.
var errTooMuch = errors.New("a number is beyond what a history can hold")

// Decode reads what Encode wrote. What it makes takes no more than some times the bytes that
// it has read.
func Decode(r *bufio.Reader) (History, error) {
	var h History
	n, err := binary.ReadUvarint(r)
	switch {
	case err != nil:
		return h, err
	case n > MaxWrites:
		return h, errTooMuch
	}
	for range n {
		if err := h.decodeEntry(r); err != nil {
			return h, err
		}
	}
	return h, h.decodeAckers(r)
}

func (h *History) decodeEntry(r *bufio.Reader) error {
	e, err := r.ReadByte()
	if err != nil {
		return err
	}
	delta := int64(e&longDelta) - deltaOffset
	if e&longDelta == longDelta {
		if delta, err = binary.ReadVarint(r); err != nil {
			return err
		}
	}
	if delta < -math.MaxUint32 || delta > math.MaxUint32 {
		return errTooMuch
	}
	at := int64(h.last) + delta
	if at < 0 || at > math.MaxUint32 {
		return errTooMuch
	}
	h.Add(Outcome(e>>deltaBits), record.Millis(at))
	return nil
}

func (h *History) decodeAckers(r *bufio.Reader) error {
	changes, err := binary.ReadUvarint(r)
	if err != nil {
		return err
	}
	at := uint64(0)
	for range changes {
		var numbers [3]uint64 // how many writes after the one before, the shard, the length of the name
		for i := range numbers {
			if numbers[i], err = binary.ReadUvarint(r); err != nil {
				return err
			}
		}
		if numbers[0] > MaxWrites || numbers[1] > maxShard || numbers[2] > maxNodeName {
			return errTooMuch
		}
		if at += numbers[0]; at >= uint64(h.n) {
			return fmt.Errorf("somebody acked write %d of %d", at, h.n)
		}
		name := make([]byte, numbers[2])
		if _, err := io.ReadFull(r, name); err != nil {
			return err
		}
		h.Ackers.changes = append(h.Ackers.changes, ackerChange{uint32(at), int(numbers[1]), string(name)})
	}
	return nil
}

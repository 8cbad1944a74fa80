package history

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Encode writes the times of the first n writes, which are told from one another: 0 for a
// write that has none, or else one more than the difference, a byte for most of them.
func (s *Stamps) Encode(w io.Writer, n uint32) error {
	b := make([]byte, 0, n)
	last := int64(0)
	for i := range n {
		ms, ok := s.At(i)
		if !ok {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, 1+zigzag(int64(ms)-last))
		last = int64(ms)
	}
	_, err := w.Write(b)
	return err
}

// DecodeStamps reads the times of n writes.
func DecodeStamps(r *bufio.Reader, n uint32) (Stamps, error) {
	var s Stamps
	last := int64(0)
	for i := range n {
		d, err := number(r, 1<<34)
		if err != nil {
			return s, err
		}
		if d == 0 {
			continue
		}
		if last += unzigzag(d - 1); last < 0 || last >= math.MaxUint32 {
			return s, errTooMuch
		}
		s.Set(i, record.Millis(last))
	}
	return s, nil
}

// maxHolds is more often than a subscription is made within a run.
const maxHolds = 1 << 24

// Encode writes what a subscriber received of what clients published, and when it was
// subscribed. Of messages beyond those that were published there is only how many they are.
func (h *Received) Encode(w io.Writer, published []History) error {
	beyond := h.Foreign
	for client := range published {
		h.Arrivals[client].From(published[client].Len(), func(uint32) { beyond++ })
	}
	var b []byte
	for _, count := range []int64{h.Duplicated, beyond, h.Breaks, h.Unsubscribes, h.Refused} {
		b = binary.AppendUvarint(b, uint64(count))
	}
	for _, held := range h.Held {
		b = binary.AppendUvarint(b, uint64(len(held)))
		for _, hold := range held {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(float64(hold.From)))
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(float64(hold.To)))
		}
	}
	b, err := appendErrors(b, h.Errors)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	for client := range published {
		if err := h.Arrivals[client].Encode(w, published[client].Len()); err != nil {
			return err
		}
	}
	return nil
}

// DecodeReceived reads what one subscriber to some channels received.
func DecodeReceived(r *bufio.Reader, published []History, channels int) (Received, error) {
	h := NewReceived(len(published), channels)
	for _, count := range []*int64{&h.Duplicated, &h.Foreign, &h.Breaks, &h.Unsubscribes, &h.Refused} {
		n, err := number(r, math.MaxInt64)
		if err != nil {
			return h, err
		}
		*count = int64(n)
	}
	for channel := range h.Held {
		holds, err := number(r, maxHolds)
		if err != nil {
			return h, err
		}
		for range holds {
			var bits [16]byte
			if _, err := io.ReadFull(r, bits[:]); err != nil {
				return h, err
			}
			hold := Hold{decodeMillis(bits[:8]), decodeMillis(bits[8:])}
			if !(hold.From >= 0 && hold.To >= hold.From) || math.IsInf(float64(hold.From), 0) {
				return h, errors.New("a subscription was held at times that are none")
			}
			h.Held[channel] = append(h.Held[channel], hold)
		}
	}
	var err error
	if h.Errors, err = decodeErrors(r); err != nil {
		return h, err
	}
	for client := range published {
		if h.Arrivals[client], err = DecodeStamps(r, published[client].Len()); err != nil {
			return h, err
		}
	}
	return h, nil
}

func decodeMillis(b []byte) record.Millis {
	return record.Millis(math.Float64frombits(binary.BigEndian.Uint64(b)))
}

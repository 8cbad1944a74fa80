package history

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestStamps(t *testing.T) {
	var s Stamps
	for _, n := range []uint32{3 * stampChunk, 0, 7} {
		if !s.Set(n, record.Millis(n)) || s.Set(n, 1) {
			t.Errorf("%d was not new, or new again", n)
		}
	}
	var found []uint32
	s.From(1, func(n uint32) { found = append(found, n) })
	if len(found) != 2 || found[0] != 7 || found[1] != 3*stampChunk {
		t.Errorf("from 1 on: %v", found)
	}
	if ms, ok := s.At(0); ms != 0 || !ok {
		t.Errorf("0 at %d, %v", ms, ok)
	}
	for _, n := range []uint32{1, stampChunk, 9 * stampChunk} {
		if _, ok := s.At(n); ok {
			t.Errorf("%d has a time", n)
		}
	}
}

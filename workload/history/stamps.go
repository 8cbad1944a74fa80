package history

import (
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// stampChunk is how many times are made room for at once.
const stampChunk = 1 << 10

// Stamps are times of a client's writes, by their sequence number, in whole
// milliseconds on the run's clock: four bytes each. They may be set in any order.
type Stamps struct{ chunks [][]uint32 }

// Set notes the time of write n, unless it has one; false if so.
func (s *Stamps) Set(n uint32, ms record.Millis) bool {
	for uint32(len(s.chunks)) <= n/stampChunk {
		s.chunks = append(s.chunks, nil)
	}
	chunk := &s.chunks[n/stampChunk]
	if *chunk == nil {
		*chunk = make([]uint32, stampChunk)
	}
	at := &(*chunk)[n%stampChunk]
	if *at != 0 {
		return false
	}
	*at = 1 + uint32(min(max(ms, 0), math.MaxUint32-1))
	return true
}

// At is the time of write n in ms; false if it has none.
func (s *Stamps) At(n uint32) (ms uint32, ok bool) {
	if chunk := n / stampChunk; chunk < uint32(len(s.chunks)) && s.chunks[chunk] != nil {
		ms = s.chunks[chunk][n%stampChunk]
	}
	return ms - 1, ms != 0
}

// From calls f with every write from n on that has a time.
func (s *Stamps) From(n uint32, f func(n uint32)) {
	for chunk := n / stampChunk; chunk < uint32(len(s.chunks)); chunk++ {
		for i, ms := range s.chunks[chunk] {
			if at := chunk*stampChunk + uint32(i); ms != 0 && at >= n {
				f(at)
			}
		}
	}
}

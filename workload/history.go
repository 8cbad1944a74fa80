package workload

import "math"

// history is what became of one client's writes, by their sequence number. It
// is written by that client alone, and read after it has ended. A write takes
// four bytes: two bits of outcome and thirty of the time at which the outcome
// was known, in milliseconds on the run's clock (enough for twelve days).
type history struct {
	chunks [][]uint32
	n      uint32
}

const (
	chunkWrites = 1 << 14
	timeBits    = 30
	maxTimeMS   = 1<<timeBits - 1
	// maxWrites is how many writes a history can number.
	maxWrites = math.MaxUint32
)

// add appends the outcome of the next write.
func (h *history) add(o outcome, ms float64) {
	if h.n%chunkWrites == 0 {
		h.chunks = append(h.chunks, make([]uint32, 0, chunkWrites))
	}
	last := &h.chunks[len(h.chunks)-1]
	*last = append(*last, uint32(o)<<timeBits|uint32(min(max(ms, 0), maxTimeMS)))
	h.n++
}

// hasRoom tells whether so many writes can be added.
func (h *history) hasRoom(writes int) bool { return h.n <= maxWrites-uint32(writes) }

// len is the number of writes, and the sequence number of the next one.
func (h *history) len() uint32 { return h.n }

// at is the outcome of write n, and when it was known in ms.
func (h *history) at(n uint32) (outcome, uint32) {
	e := h.chunks[n/chunkWrites][n%chunkWrites]
	return outcome(e >> timeBits), e & maxTimeMS
}

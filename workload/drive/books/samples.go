package books

import (
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// interval is how long an interval of latencies is: a second of the run.
const interval = 1000

// sample is a number of latencies, all of them of micros, and the second of the run
// in which they were known.
type sample struct{ second, micros, count uint32 }

// Samples is the latencies of one goroutine that nobody has taken yet. The lock is
// the goroutine's own: it waits for it only while its samples are being taken, once
// a second and for as long as it takes to swap two slices. They are turned into
// histograms by whoever takes them, not by the goroutine, which is measuring.
type Samples struct {
	mu      sync.Mutex
	pending []sample
}

// Add enters a latency in ms, known at now.
func (s *Samples) Add(now, latency record.Millis) {
	s.mu.Lock()
	s.enter(now, latency)
	s.mu.Unlock()
}

// AddAll enters the latencies of so many writes that ended together at now.
func (s *Samples) AddAll(now record.Millis, writes int, latency func(i int) record.Millis) {
	s.mu.Lock()
	for i := range writes {
		s.enter(now, latency(i))
	}
	s.mu.Unlock()
}

func (s *Samples) enter(now, latency record.Millis) {
	second, micros := uint32(now/interval), uint32(min(max(latency*1000, record.MinLatency), record.MaxLatency))
	if last := len(s.pending) - 1; last >= 0 && s.pending[last].second == second && s.pending[last].micros == micros {
		s.pending[last].count++
		return
	}
	s.pending = append(s.pending, sample{second, micros, 1})
}

// take returns what was added since the last time, and leaves an empty slice to
// add to.
func (s *Samples) take(empty []sample) []sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.pending
	s.pending = empty[:0]
	return taken
}

// no error to return.
func (s sample) recordTo(h *hdrhistogram.Histogram) {
	_ = h.RecordValues(int64(s.micros), int64(s.count))
}

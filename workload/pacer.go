package workload

import (
	"math"
	"sync/atomic"
)

// pacer decides when writes are sent. All clients of a workload share one.
type pacer interface {
	// next claims the next write. It is due dueMS after the start; timed is
	// false if it is due as soon as its client is free.
	next() (dueMS float64, timed bool)
	// due counts the writes that are due before ms after the start, claimed or not.
	due(ms float64) int64
}

var (
	_ pacer = closedLoop{}
	_ pacer = (*constantRate)(nil)
)

// newPacer paces rate writes a second, or a closed loop if rate is 0.
func newPacer(rate float64) pacer {
	if rate <= 0 {
		return closedLoop{}
	}
	return &constantRate{intervalMS: 1000 / rate}
}

// closedLoop has each client write again as soon as its last write has ended.
type closedLoop struct{}

func (closedLoop) next() (float64, bool) { return 0, false }
func (closedLoop) due(float64) int64     { return 0 }

// constantRate is an open loop: writes are due at even intervals, whether or
// not a client is free to send them. One that waits for a client is late, and
// its latency includes the wait.
type constantRate struct {
	intervalMS float64
	claimed    atomic.Int64
}

func (p *constantRate) next() (float64, bool) {
	return float64(p.claimed.Add(1)-1) * p.intervalMS, true
}

func (p *constantRate) due(ms float64) int64 {
	return int64(math.Ceil(max(ms, 0) / p.intervalMS))
}

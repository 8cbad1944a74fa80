// Package pace decides when writes are sent.
package pace

import (
	"math"
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Pacer decides when writes are sent. All clients of a workload share one.
type Pacer interface {
	// Next claims the next writes, so many. They are due together, when the first
	// of them is: due after the start; timed is false if they are due as soon as
	// their client is free.
	Next(writes int) (due record.Millis, timed bool)
	// Due counts the writes that are due before ms after the start, claimed or not.
	Due(ms record.Millis) int64
}

var (
	_ Pacer = ClosedLoop{}
	_ Pacer = (*constantRate)(nil)
	_ Pacer = (*changingRate)(nil)
)

// New paces writes at a rate, or a closed loop if there is none.
func New(rate scenarios.Rate) Pacer {
	perSecond, constant := rate.Constant()
	switch {
	case !constant:
		return newChangingRate(rate)
	case perSecond > 0:
		return &constantRate{interval: record.Millis(1000 / perSecond)}
	default:
		return ClosedLoop{}
	}
}

// ClosedLoop has each client write again as soon as its last write has ended.
type ClosedLoop struct{}

func (ClosedLoop) Next(int) (record.Millis, bool) { return 0, false }
func (ClosedLoop) Due(record.Millis) int64        { return 0 }

// constantRate is an open loop: writes are due at even intervals, whether or
// not a client is free to send them. One that waits for a client is late, and
// its latency includes the wait.
type constantRate struct {
	interval record.Millis
	claimed  atomic.Int64
}

func (p *constantRate) Next(writes int) (record.Millis, bool) {
	return record.Millis(float64(p.claimed.Add(int64(writes))-int64(writes)) * float64(p.interval)), true
}

func (p *constantRate) Due(ms record.Millis) int64 {
	return int64(math.Ceil(float64(max(ms, 0) / p.interval)))
}

// changingRate is an open loop whose rate changes with time. Write n is due when
// the rate, summed up since the start, has reached n.
type changingRate struct {
	parts   []ratePart
	claimed atomic.Int64
}

// ratePart is a part of the time in which the rate is constant, or changes evenly.
type ratePart struct {
	from   record.Millis
	before float64 // writes due by then
	rate   float64 // writes per ms at its begin
	slope  float64 // by how much that changes per ms
}

// slack is what sums of rates may be wrong by, in writes: they are rounded.
const slack = 1e-6

func newChangingRate(rate scenarios.Rate) *changingRate {
	p := &changingRate{}
	for _, r := range rate {
		at, over := record.InMillis(r.At.D()), record.InMillis(r.Over.D())
		if over > 0 {
			p.add(at, r.From/1000, (r.To-r.From)/1000/float64(over))
		}
		p.add(at+over, r.To/1000, 0)
	}
	return p
}

func (p *changingRate) add(from record.Millis, rate, slope float64) {
	p.parts = append(p.parts, ratePart{from: from, before: p.sum(from), rate: rate, slope: slope})
}

// sum is the rate summed up until ms after the start.
func (p *changingRate) sum(ms record.Millis) float64 {
	for i := len(p.parts) - 1; i >= 0; i-- {
		if part := p.parts[i]; ms >= part.from {
			t := ms - part.from
			return part.before + part.rate*float64(t) + part.slope*float64(t)*float64(t)/2
		}
	}
	return 0
}

func (p *changingRate) Next(writes int) (record.Millis, bool) {
	n := float64(p.claimed.Add(int64(writes)) - int64(writes))
	i := len(p.parts) - 1
	for i > 0 && p.parts[i].before > n+slack {
		i--
	}
	part := p.parts[i]
	more := max(n-part.before, 0)
	// What part.rate·t + part.slope·t²/2 = more has for a solution, in the form
	// that needs no case of its own for a slope of 0.
	root := math.Sqrt(max(part.rate*part.rate+2*part.slope*more, 0))
	switch {
	case part.rate+root > 0:
		return part.from + record.Millis(2*more/(part.rate+root)), true
	case more <= slack && part.slope > 0: // the first write of a ramp from 0
		return part.from, true
	default:
		return record.Millis(math.Inf(1)), true
	}
}

func (p *changingRate) Due(ms record.Millis) int64 {
	return int64(math.Ceil(max(p.sum(max(ms, 0))-slack, 0)))
}

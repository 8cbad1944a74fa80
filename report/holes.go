package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Hole is a time for which this program was not run: it was stopped, or its machine was busy.
// What it would have seen or sent meanwhile is not in the record.
type Hole struct {
	FromMS float64 `json:"from_ms"` // on the run's clock
	ToMS   float64 `json:"to_ms"`
}

func (hole Hole) length() float64 { return hole.ToMS - hole.FromMS }

// Outside is the parts of a span that are in no hole, in order.
func Outside(holes []Hole, from, to float64) (parts [][2]float64) {
	for _, hole := range holes {
		if hole.ToMS <= from || hole.FromMS >= to {
			continue
		}
		if hole.FromMS > from {
			parts = append(parts, [2]float64{from, hole.FromMS})
		}
		from = hole.ToMS
	}
	if from < to {
		parts = append(parts, [2]float64{from, to})
	}
	return parts
}

// inAll is how long holes are together, in ms.
func inAll(holes []Hole) (ms float64) {
	for _, hole := range holes {
		ms += hole.length()
	}
	return ms
}

const (
	// leastHole is how long this program must not have been run for figures to depend on it,
	// in ms. By less than that, a figure may be late.
	leastHole = 500
	// The times after a hole within which something that is seen for the first time may
	// have come in the hole, in ms: by the answer to a probe, which leaves at once, and by a
	// node's view, which may have to be asked for over a new connection.
	probedLate = 100
	askedLate  = 500
)

// holesOf finds the holes by how late this program's own clock ticked. What is shorter and
// comes right after one belongs to it: the program had not caught up yet.
func holesOf(h *history) []Hole {
	holes := []Hole{}
	for _, e := range h.starved {
		lasted := e.Data.(*record.Starved).ForMS
		from := max(0, e.MS-lasted)
		switch n := len(holes); {
		case n > 0 && from <= holes[n-1].ToMS+probedLate:
			holes[n-1].ToMS = max(holes[n-1].ToMS, e.MS)
		case lasted >= leastHole:
			holes = append(holes, Hole{from, e.MS})
		}
	}
	return holes
}

// outside is the parts of a span that are in no hole of the record, in order.
func (h *history) outside(s period) (parts []period) {
	for _, p := range Outside(h.holes, s.from, s.to) {
		parts = append(parts, period{p[0], p[1]})
	}
	return parts
}

// missingIn is how much of a span is in holes, in ms.
func (h *history) missingIn(from, to float64) float64 {
	missing := max(0, to-from)
	for _, p := range h.outside(period{from, to}) {
		missing -= p.to - p.from
	}
	return missing
}

// lateSince is the beginning of the hole in which something may have come that was seen at a
// moment; late is how long after a hole that may be.
func (h *history) lateSince(at, late float64) (from float64, ok bool) {
	for _, hole := range h.holes {
		if at > hole.FromMS && at <= hole.ToMS+late {
			return hole.FromMS, true
		}
	}
	return 0, false
}

// boundsOf is what gaps that holes are in sum up to, and the longest of them: at least, without
// what is in holes, and at most, with it.
func (h *history) boundsOf(gaps []period) (sum, longest [2]float64) {
	for _, g := range gaps {
		sum[1] += g.to - g.from
		longest[1] = max(longest[1], g.to-g.from)
		for _, p := range h.outside(g) {
			sum[0] += p.to - p.from
			longest[0] = max(longest[0], p.to-p.from)
		}
	}
	return sum, longest
}

// bounded is a figure that may be anything between two: nil with its bounds if these are
// far apart, and else the figure alone.
func bounded(bounds [2]float64) (figure *float64, apart *[2]float64) {
	if bounds[1]-bounds[0] < leastHole {
		return new(bounds[1]), nil
	}
	return nil, &bounds
}

// notRun says why a figure is not measured exactly, of a span that holes are in.
func (h *history) notRun(from, to float64) Reason {
	return Reason{Why: WhyNotRun, ForMS: new(h.missingIn(from, to))}
}

// lateNotices tell of faults that were injected or healed late because this program was not run.
func lateNotices(s *scenarios.Scenario, r *Result) (notices []Notice) {
	inMS := func(d scenarios.Duration) float64 { return float64(d.D()) / float64(time.Millisecond) }
	for i, f := range r.Faults {
		asked := s.Faults[i]
		heal := inMS(s.Duration)
		if began := cmp.Or(f.EffectiveMS, f.RequestedMS); began != nil && asked.For != 0 {
			heal = *began + inMS(asked.For)
		}
		for _, step := range []struct {
			kind NoticeKind
			due  float64 // ms
			done *float64
		}{{NoticeInjectedLate, inMS(asked.At), f.RequestedMS}, {NoticeHealedLate, heal, f.HealedMS}} {
			if step.done == nil {
				continue
			}
			for _, hole := range r.Holes {
				if hole.FromMS <= step.due && hole.ToMS > step.due {
					notices = append(notices, Notice{Kind: step.kind, Fault: &i, ForMS: new(*step.done - step.due)})
				}
			}
		}
	}
	return notices
}

// clockNotices tell of steps of this machine's clock that servers on it can notice.
func (h *history) clockNotices() (notices []Notice) {
	for _, e := range h.events {
		if s, ok := e.Data.(*record.ClockStep); ok && math.Abs(s.ByMS) >= leastHole {
			notices = append(notices, Notice{Kind: NoticeClockSet, MS: new(e.MS), ForMS: new(s.ByMS)})
		}
	}
	return notices
}

// heldUp tells whether a workload was not driven for a time while it ran.
func (h *history) heldUp(d *record.WorkloadDone) bool {
	return slices.ContainsFunc(h.holes, func(hole Hole) bool { return hole.FromMS < d.EndMS && hole.ToMS > d.StartMS })
}

package observed

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// LeastHole is how long this program must not have been run for figures to depend on it,
	// in ms. By less than that, a figure may be late.
	LeastHole = 500
	// The times after a hole within which something that is seen for the first time may
	// have come in the hole, in ms: by the answer to a probe, which leaves at once, and by a
	// node's view, which may have to be asked for over a new connection.
	ProbedLate = 100
	AskedLate  = 500
)

// holesOf finds the holes by how late this program's own clock ticked. What is shorter and
// comes right after one belongs to it: the program had not caught up yet.
func holesOf(facts *Facts) []report.Hole {
	holes := []report.Hole{}
	for _, e := range facts.starved {
		lasted := e.Data.(*record.Starved).For
		from := max(0, e.At-lasted)
		switch n := len(holes); {
		case n > 0 && from <= holes[n-1].To+ProbedLate:
			holes[n-1].To = max(holes[n-1].To, e.At)
		case lasted >= LeastHole:
			holes = append(holes, report.Hole{From: from, To: e.At})
		}
	}
	return holes
}

// Outside is the parts of a span that are in no hole of the record, in order.
func (facts *Facts) Outside(s Period) (parts []Period) {
	for _, p := range report.Outside(facts.Holes, s.From, s.To) {
		parts = append(parts, Period{p[0], p[1]})
	}
	return parts
}

// MissingIn is how much of a span is in holes, in ms.
func (facts *Facts) MissingIn(from, to record.Millis) record.Millis {
	missing := max(0, to-from)
	for _, p := range facts.Outside(Period{from, to}) {
		missing -= p.To - p.From
	}
	return missing
}

// LateSince is the beginning of the hole in which something may have come that was seen at a
// moment; late is how long after a hole that may be.
func (facts *Facts) LateSince(at, late record.Millis) (from record.Millis, ok bool) {
	for _, hole := range facts.Holes {
		if at > hole.From && at <= hole.To+late {
			return hole.From, true
		}
	}
	return 0, false
}

// BoundsOf is what gaps that holes are in sum up to, and the longest of them: at least, without
// what is in holes, and at most, with it.
func (facts *Facts) BoundsOf(gaps []Period) (sum, longest [2]record.Millis) {
	for _, g := range gaps {
		sum[1] += g.To - g.From
		longest[1] = max(longest[1], g.To-g.From)
		for _, p := range facts.Outside(g) {
			sum[0] += p.To - p.From
			longest[0] = max(longest[0], p.To-p.From)
		}
	}
	return sum, longest
}

// Bounded is a figure that may be anything between two: nil with its bounds if these are
// far apart, and else the figure alone.
func Bounded(bounds [2]record.Millis) (figure *record.Millis, apart *[2]record.Millis) {
	if bounds[1]-bounds[0] < LeastHole {
		return new(bounds[1]), nil
	}
	return nil, &bounds
}

// NotRun says why a figure is not measured exactly, of a span that holes are in.
func (facts *Facts) NotRun(from, to record.Millis) report.Reason {
	return report.Reason{Why: report.WhyNotRun, For: new(facts.MissingIn(from, to))}
}

// Starvation is the longest that this program was not run for, between two moments, and for
// how long it was not in all, in ms; nil if it always was.
func (facts *Facts) Starvation(from, to record.Millis) (longest *report.Evidence, all record.Millis) {
	for _, e := range facts.starved {
		s := e.Data.(*record.Starved)
		if e.At < from || e.At-s.For > to {
			continue
		}
		all += min(e.At, to) - max(e.At-s.For, from)
		if longest == nil || s.For > longest.Lasted() {
			longest = &report.Evidence{Kind: "starved", Moment: new(e.At), For: new(s.For)}
		}
	}
	return longest, all
}

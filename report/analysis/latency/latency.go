// Package latency takes the latency and the stale reads of workloads apart by the faults.
package latency

import (
	"cmp"
	"math"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// AddPhases sets the phases of each workload's latency.
func AddPhases(r *report.Result, s *scenarios.Scenario, events []record.Event) {
	byWorkload := map[string][]record.LatencySpan{}
	for _, span := range record.LatencySpans(events) {
		byWorkload[span.Workload] = append(byWorkload[span.Workload], span)
	}
	during := faultPhases(r.Faults, s)
	for i := range r.Workloads {
		w := &r.Workloads[i]
		spans := byWorkload[w.Name]
		if len(spans) == 0 || len(during) == 0 {
			continue
		}
		w.LatencyPhases = phasesAround(during, spans[0].From, spans[len(spans)-1].To)
		if damaged := fill(w.LatencyPhases, spans, r.Holes); damaged > 0 {
			r.Notices = append(r.Notices, report.Notice{Kind: report.NoticeLatenciesDamaged, Workload: w.Name, Count: int64(damaged)})
		}
	}
}

// faultPhases are the times of the faults that were injected, in order. Of one that
// the runtime did not report to take hold, it is the time since it was asked to;
// one that was not healed lasts for ever.
func faultPhases(faults []report.Fault, s *scenarios.Scenario) []report.LatencyPhase {
	var during []report.LatencyPhase
	for i, f := range faults {
		from := cmp.Or(f.Effective, f.Requested)
		if from == nil {
			continue
		}
		p := report.LatencyPhase{Phase: "during", Fault: &i, From: *from, To: record.Millis(math.Inf(1))}
		if _, momentary := s.Faults[f.StepIndex(i)].Spec.(scenarios.Momentary); momentary {
			p.From = record.Millis(math.Floor(float64(*from/1000)) * 1000)
			p.To = p.From + 1000
		} else if f.Healed != nil {
			p.To = *f.Healed
		}
		during = append(during, p)
	}
	slices.SortStableFunc(during, func(a, b report.LatencyPhase) int { return cmp.Compare(a.From, b.From) })
	return during
}

// phasesAround are the faults' phases within the time of a workload, and those
// before, between and after them.
func phasesAround(during []report.LatencyPhase, from, to record.Millis) []report.LatencyPhase {
	var phases []report.LatencyPhase
	name, until := "before", from
	for _, p := range during {
		if p.From >= to || p.To <= from {
			continue
		}
		p.From, p.To = max(p.From, from), min(p.To, to)
		if p.From > until {
			phases = append(phases, report.LatencyPhase{Phase: name, From: until, To: p.From})
		}
		phases = append(phases, p)
		name, until = "between", max(until, p.To)
	}
	if name == "between" {
		name = "after"
	}
	if until < to {
		phases = append(phases, report.LatencyPhase{Phase: name, From: until, To: to})
	}
	return phases
}

// fill counts each interval to its phase, and measures the latency of those in which no hole
// is. It returns how many intervals could not be read.
func fill(phases []report.LatencyPhase, spans []record.LatencySpan, holes []report.Hole) (damaged int) {
	latencies := make([]*hdrhistogram.Histogram, len(phases))
	for i := range latencies {
		latencies[i] = record.NewHistogram()
	}
	one := record.NewHistogram()
	for _, span := range spans {
		one.Reset()
		if span.MergeInto(one) != nil {
			damaged++
			continue
		}
		for _, i := range phasesAt(phases, span) {
			latencies[i].Merge(one)
			phases[i].Due += span.Due()
		}
	}
	for i := range phases {
		p := &phases[i]
		p.Count = latencies[i].TotalCount()
		held := slices.ContainsFunc(holes, func(hole report.Hole) bool { return hole.From < p.To && hole.To > p.From })
		if l := record.Percentiles(latencies[i]); l != nil && !held {
			p.P50, p.P95, p.P99, p.P999, p.P9999, p.Max = &l.P50, &l.P95, &l.P99, &l.P999, l.P9999, &l.Max
		}
	}
	return damaged
}

// phasesAt are the indices of the phases that an interval counts to: the first of
// those that most of it lies in, and whatever other fault it lies in as much.
func phasesAt(phases []report.LatencyPhase, span record.LatencySpan) []int {
	var at []int
	most := record.Millis(0)
	for i, p := range phases {
		switch within := min(p.To, span.To) - max(p.From, span.From); {
		case within > most:
			at, most = []int{i}, within
		case len(at) > 0 && within == most && p.Fault != nil && phases[at[0]].Fault != nil:
			at = append(at, i)
		}
	}
	return at
}

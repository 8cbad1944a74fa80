package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// LatencyPhase is the latency of a workload's acked writes before, during or
// after a fault, or between two. It is made of whole intervals of the record, each
// of a second: an interval counts to the phase in which its larger part lies,
// and to several only where faults overlap.
type LatencyPhase struct {
	Phase string `json:"phase"` // before, during, between or after
	// Fault is the index of the fault that a phase is during; nil of the others.
	Fault *int `json:"fault"`
	// FromMS and ToMS bound the phase on the run's clock: during a fault, from the
	// moment at which it took hold until it was healed. Of a fault that is over
	// once it is done it is the second in which it took hold.
	FromMS float64 `json:"from_ms"`
	ToMS   float64 `json:"to_ms"`
	// Count is how many writes were acked, and Due how many an open loop had to
	// send, whatever became of them.
	Count int64 `json:"count"`
	Due   int64 `json:"due,omitempty"`
	// Percentiles in milliseconds; nil if no write was acked.
	P50   *float64 `json:"p50"`
	P95   *float64 `json:"p95"`
	P99   *float64 `json:"p99"`
	P999  *float64 `json:"p999"`
	P9999 *float64 `json:"p9999"`
	Max   *float64 `json:"max"`
}

// addLatencyPhases sets the phases of each workload's latency.
func addLatencyPhases(r *Result, s *scenarios.Scenario, events []record.Event) {
	byWorkload := map[string][]latencySpan{}
	for _, span := range latencySpans(events) {
		byWorkload[span.workload] = append(byWorkload[span.workload], span)
	}
	during := faultPhases(r.Faults, s)
	for i := range r.Workloads {
		w := &r.Workloads[i]
		spans := byWorkload[w.Name]
		if len(spans) == 0 || len(during) == 0 {
			continue
		}
		w.LatencyPhases = phasesAround(during, spans[0].from, spans[len(spans)-1].to)
		if damaged := fill(w.LatencyPhases, spans, r.Holes); damaged > 0 {
			r.Notices = append(r.Notices, Notice{Kind: NoticeLatenciesDamaged, Workload: w.Name, Count: int64(damaged)})
		}
	}
}

// faultPhases are the times of the faults that were injected, in order. Of one that
// the runtime did not report to take hold, it is the time since it was asked to;
// one that was not healed lasts for ever.
func faultPhases(faults []Fault, s *scenarios.Scenario) []LatencyPhase {
	var during []LatencyPhase
	for i, f := range faults {
		from := cmp.Or(f.EffectiveMS, f.RequestedMS)
		if from == nil {
			continue
		}
		p := LatencyPhase{Phase: "during", Fault: &i, FromMS: *from, ToMS: math.Inf(1)}
		if _, momentary := s.Faults[i].Spec.(scenarios.Momentary); momentary {
			p.FromMS = math.Floor(*from/1000) * 1000
			p.ToMS = p.FromMS + 1000
		} else if f.HealedMS != nil {
			p.ToMS = *f.HealedMS
		}
		during = append(during, p)
	}
	slices.SortStableFunc(during, func(a, b LatencyPhase) int { return cmp.Compare(a.FromMS, b.FromMS) })
	return during
}

// phasesAround are the faults' phases within the time of a workload, and those
// before, between and after them.
func phasesAround(during []LatencyPhase, from, to float64) []LatencyPhase {
	var phases []LatencyPhase
	name, until := "before", from
	for _, p := range during {
		if p.FromMS >= to || p.ToMS <= from {
			continue
		}
		p.FromMS, p.ToMS = max(p.FromMS, from), min(p.ToMS, to)
		if p.FromMS > until {
			phases = append(phases, LatencyPhase{Phase: name, FromMS: until, ToMS: p.FromMS})
		}
		phases = append(phases, p)
		name, until = "between", max(until, p.ToMS)
	}
	if name == "between" {
		name = "after"
	}
	if until < to {
		phases = append(phases, LatencyPhase{Phase: name, FromMS: until, ToMS: to})
	}
	return phases
}

// fill counts each interval to its phase, and measures the latency of those in which no hole
// is. It returns how many intervals could not be read.
func fill(phases []LatencyPhase, spans []latencySpan, holes []Hole) (damaged int) {
	latencies := make([]*hdrhistogram.Histogram, len(phases))
	for i := range latencies {
		latencies[i] = record.NewHistogram()
	}
	one := record.NewHistogram()
	for _, span := range spans {
		one.Reset()
		if span.mergeInto(one) != nil {
			damaged++
			continue
		}
		for _, i := range phasesAt(phases, span) {
			latencies[i].Merge(one)
			phases[i].Due += span.due()
		}
	}
	for i := range phases {
		p := &phases[i]
		p.Count = latencies[i].TotalCount()
		held := slices.ContainsFunc(holes, func(hole Hole) bool { return hole.FromMS < p.ToMS && hole.ToMS > p.FromMS })
		if l := record.Percentiles(latencies[i]); l != nil && !held {
			p.P50, p.P95, p.P99, p.P999, p.P9999, p.Max = &l.P50, &l.P95, &l.P99, &l.P999, l.P9999, &l.Max
		}
	}
	return damaged
}

// phasesAt are the indices of the phases that an interval counts to: the first of
// those that most of it lies in, and whatever other fault it lies in as much.
func phasesAt(phases []LatencyPhase, span latencySpan) []int {
	var at []int
	most := 0.0
	for i, p := range phases {
		switch within := min(p.ToMS, span.to) - max(p.FromMS, span.from); {
		case within > most:
			at, most = []int{i}, within
		case len(at) > 0 && within == most && p.Fault != nil && phases[at[0]].Fault != nil:
			at = append(at, i)
		}
	}
	return at
}

// latencyPhases tells what the faults did to the latency of each workload.
func latencyPhases(r *Result) page.Section {
	s := page.Section{
		Title:   "Latency before, during and after the faults",
		Columns: page.Columns("workload", "when", ">from – to", ">acked", ">p50", ">p95", ">p99", ">p99.9", ">p99.99", ">max"),
		Outro: "Each second counts to the phase in which its larger part lies, and each write to the second in which it was acked. " +
			"Writes that were never acked have no latency; where an open loop acked fewer than were due, that is said.",
	}
	for _, w := range r.Workloads {
		for _, p := range w.LatencyPhases {
			acked := Count(p.Count)
			if p.Count < p.Due {
				acked += " of " + Count(p.Due) + " due"
			}
			s.Rows = append(s.Rows, []string{w.Name, r.when(p), fmt.Sprintf("%s – %s", Duration(p.FromMS), Duration(p.ToMS)), acked,
				optional(p.P50), optional(p.P95), optional(p.P99), optional(p.P999), optional(p.P9999), optional(p.Max)})
		}
	}
	return s
}

// when names a phase for people.
func (r *Result) when(p LatencyPhase) string {
	if p.Fault == nil {
		return p.Phase
	}
	return fmt.Sprintf("**%s %s**", p.Phase, r.Faults[*p.Fault].Kind)
}

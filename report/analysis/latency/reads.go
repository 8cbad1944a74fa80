package latency

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// AddReads sets what the workloads' reads came to.
func AddReads(r *report.Result, s *scenarios.Scenario, events []record.Event) {
	reads := map[string]*report.Reads{}
	phases := map[string][]report.LatencyPhase{}
	during := faultPhases(r.Faults, s)
	for _, e := range events {
		if d, ok := e.Data.(*record.WorkloadDone); ok && d.Reads != nil {
			reads[d.Name] = &report.Reads{Reads: *d.Reads, Groups: []report.StaleReads{}}
			if len(during) > 0 {
				phases[d.Name] = phasesAround(during, d.Start, d.End)
			}
		}
	}
	for _, e := range events {
		if d, ok := e.Data.(*record.StaleRead); ok && reads[d.Workload] != nil {
			enter(reads[d.Workload], e.At, d, phases[d.Workload])
		}
	}
	for i := range r.Workloads {
		w := &r.Workloads[i]
		if w.Reads = reads[w.Name]; w.Reads == nil {
			continue
		}
		r.StaleReads = report.Sum(r.StaleReads, &w.Reads.Stale)
		if n := w.Reads.Stale; n > 0 {
			r.Notices = append(r.Notices, report.Notice{Kind: report.NoticeStaleReads, Workload: w.Name, Count: n, Of: w.Reads.OK})
		}
		if n := w.Reads.Strange; n > 0 {
			r.Notices = append(r.Notices, report.Notice{Kind: report.NoticeStrangeReads, Workload: w.Name, Count: n})
		}
	}
	if slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.ReadRatio() > 0 && reads[w.Name] == nil }) {
		r.StaleReads = nil // one that did not get to its end may have had some
	}
}

// enter counts a stale read to the group of its phase, node and role.
func enter(r *report.Reads, ms record.Millis, d *record.StaleRead, phases []report.LatencyPhase) {
	g := report.StaleReads{Phase: "during the run", Node: d.Node, Role: d.Role, First: ms}
	for _, p := range phases {
		if p.From <= ms && ms <= p.To {
			g.Phase, g.Fault = p.Phase, p.Fault
			break
		}
	}
	i := slices.IndexFunc(r.Groups, func(have report.StaleReads) bool {
		return have.Phase == g.Phase && index(have.Fault) == index(g.Fault) && have.Node == g.Node && have.Role == g.Role
	})
	if i < 0 {
		i = len(r.Groups)
		r.Groups = append(r.Groups, g)
	}
	have := &r.Groups[i]
	have.Count++
	have.First, have.Last = min(have.First, ms), max(have.Last, ms)
	have.Oldest = max(have.Oldest, d.Age)
}

// index is that of a fault, or -1 for none.
func index(fault *int) int {
	if fault == nil {
		return -1
	}
	return *fault
}

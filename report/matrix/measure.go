package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// shownFigures lists those that a matrix tells of.
func shownFigures() []string { return slices.Concat(outcomes(), loads(), slowestPhases()) }

// outcomes lists the figures of what came of the faults.
func outcomes() []string {
	return []string{figureFailoverTime, figureClientRecovery, figureLostWrites, figureUnavailable, figureNotReplaced}
}

// loads lists the figures of how many writes are acked, and how fast.
func loads() []string { return []string{figures.Throughput, figureLatencyP50, figureLatencyP99} }

// slowestPhases lists the figures of phases.
func slowestPhases() (names []string) {
	for _, phase := range phases() {
		names = append(names, slowest(phase))
	}
	return names
}

// phases lists those that follow each other from the fault to the new master's first write, as
// results name them.
func phases() (names []string) {
	for _, figure := range figures.Phases() {
		names = append(names, strings.ReplaceAll(figure, "_", " "))
	}
	return names
}

// slowest is the figure of what a phase took of the run's slowest failover.
func slowest(phase string) string { return slowestPrefix + figures.PhaseFigure(phase) }

// Measure enters those figures of a run that are a matrix's alone, or why they are not known.
func Measure(run *set.Run, r *report.Result) {
	if run.Unmeasured == nil {
		run.Unmeasured = map[string]string{}
	}
	missed := stats.Value(0)
	for _, m := range r.Missed {
		if m.Due() {
			missed++
		}
	}
	run.Values[figureNotReplaced] = missed
	failover, reason := slowestFailover(r)
	for _, phase := range phases() {
		took, missing := (*float64)(nil), reason
		if failover != nil {
			took, missing = phaseOf(*failover, phase)
		}
		if took == nil {
			run.Unmeasured[slowest(phase)] = missing
			continue
		}
		run.Values[slowest(phase)] = stats.Value(*took)
	}
}

// slowestFailover is the one that took the longest of those that came about; nil with the reason
// if that is not known.
func slowestFailover(r *report.Result) (*report.Failover, string) {
	var longest *report.Failover
	for _, f := range r.Failovers {
		if f.Origin == report.OriginIncident {
			continue // of something that the scenario did not do
		}
		if f.FirstWrite == nil {
			return nil, fmt.Sprintf("shard %d: %s", f.Shard, f.Unmeasured["first_write_ms"])
		}
		if longest == nil || *f.FirstWrite > *longest.FirstWrite {
			longest = &f
		}
	}
	return longest, "no failover happened"
}

// phaseOf is what a phase of a failover took; nil with the reason if that is not known.
func phaseOf(f report.Failover, phase string) (*float64, string) {
	for _, p := range f.Phases {
		if p.Name == phase {
			return (*float64)(&p.Took), ""
		}
	}
	return nil, fmt.Sprintf("shard %d: the moments that the phase is between are not both known", f.Shard)
}

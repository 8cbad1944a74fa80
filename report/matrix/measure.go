package matrix

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// figures lists those that a matrix tells of, with their units.
func figures() []set.Figure {
	all := []set.Figure{
		{Name: figureFailoverTime, Unit: set.Millis}, {Name: "client_recovery", Unit: set.Millis},
		{Name: "lost_writes", Unit: set.Count}, {Name: "unavailable", Unit: set.Millis},
		{Name: figureNotReplaced, Unit: set.Count},
	}
	for _, phase := range phases() {
		all = append(all, set.Figure{Name: slowestPrefix + phaseFigure(phase), Unit: set.Millis})
	}
	return all
}

// phases lists those that follow each other from the fault to the new master's first write, as
// results name them.
func phases() []string {
	return []string{"suspicion", "agreement", "election delay", "votes", "opening"}
}

func phaseFigure(phase string) string { return strings.ReplaceAll(phase, " ", "_") }

// Measure enters the figures of a run by its result, and why others are not known.
func Measure(run *set.Run, r *report.Result) {
	run.Values, run.Unmeasured = map[string]stats.Value{}, map[string]string{}
	enter := func(name string, value *stats.Value, reason string) {
		if value == nil {
			run.Unmeasured[name] = reason
			return
		}
		run.Values[name] = *value
	}
	for _, name := range []string{figureFailoverTime, "client_recovery", "lost_writes", "unavailable"} {
		m := report.Measure(name, r)
		enter(name, m.Value, m.Reason)
	}
	missed := stats.Value(0)
	for _, m := range r.Missed {
		if m.Due() {
			missed++
		}
	}
	enter(figureNotReplaced, &missed, "")
	slowest, reason := slowestFailover(r)
	for _, phase := range phases() {
		value, missing := (*stats.Value)(nil), reason
		if slowest != nil {
			value, missing = phaseOf(*slowest, phase)
		}
		enter(slowestPrefix+phaseFigure(phase), value, missing)
	}
}

// slowestFailover is the one that took the longest of those that came about; nil with the reason
// if that is not known.
func slowestFailover(r *report.Result) (*report.Failover, string) {
	var slowest *report.Failover
	for _, f := range r.Failovers {
		if f.Origin == report.OriginIncident {
			continue // of something that the scenario did not do
		}
		if f.FirstWriteMS == nil {
			return nil, fmt.Sprintf("shard %d: %s", f.Shard, f.Unmeasured["first_write_ms"])
		}
		if slowest == nil || *f.FirstWriteMS > *slowest.FirstWriteMS {
			slowest = &f
		}
	}
	return slowest, "no failover happened"
}

// phaseOf is what a phase of a failover took; nil with the reason if that is not known.
func phaseOf(f report.Failover, phase string) (*stats.Value, string) {
	for _, p := range f.Phases {
		if p.Name == phase {
			took := stats.Value(p.TookMS)
			return &took, ""
		}
	}
	return nil, fmt.Sprintf("shard %d: the moments that the phase is between are not both known", f.Shard)
}

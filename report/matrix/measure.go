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
		{Name: "failover_time", Unit: set.Millis}, {Name: "client_recovery", Unit: set.Millis},
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
	for _, name := range []string{"failover_time", "client_recovery", "lost_writes", "unavailable"} {
		value, reason := measure(name, r)
		enter(name, value, reason)
	}
	missed := stats.Value(len(due(r)))
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

// due are the masters that were to be replaced, and were not.
func due(r *report.Result) (missed []report.Missed) {
	for _, m := range r.Missed {
		if m.Cause != report.MissedReachedByPeers && m.Cause != report.MissedShorterThanTimeout {
			missed = append(missed, m)
		}
	}
	return missed
}

// ours are the failovers that do not come of incidents.
func ours(r *report.Result) (failovers []report.Failover) {
	for _, f := range r.Failovers {
		if f.Origin != report.OriginIncident {
			failovers = append(failovers, f)
		}
	}
	return failovers
}

// measure is a figure of a run; nil with the reason if it is not known.
func measure(name string, r *report.Result) (value *stats.Value, reason string) {
	switch name {
	case "failover_time":
		return worst(r, "first_write_ms", func(f report.Failover) *float64 { return f.FirstWriteMS })
	case "client_recovery":
		return worst(r, "client_recovery_ms", func(f report.Failover) *float64 { return f.ClientRecoveryMS })
	case "lost_writes":
		switch {
		case r.Writes.Acked == 0:
			return nil, "no write was acked"
		case r.Writes.Lost == nil:
			return nil, "not all acked writes were read back"
		}
		return number(float64(*r.Writes.Lost)), ""
	default:
		var longest *stats.Value
		for _, s := range r.Shards {
			if s.UnavailableMS == nil {
				return nil, fmt.Sprintf("shard %d was not observed all the time", s.Shard)
			}
			if v := stats.Value(*s.UnavailableMS); longest == nil || v > *longest {
				longest = &v
			}
		}
		return longest, "no shard was observed"
	}
}

// worst is the longest time of all failovers; it is Never if a master was not replaced.
func worst(r *report.Result, field string, of func(report.Failover) *float64) (*stats.Value, string) {
	if len(due(r)) > 0 {
		never := stats.Never
		return &never, ""
	}
	var longest *stats.Value
	for _, f := range ours(r) {
		ms := of(f)
		if ms == nil {
			return nil, fmt.Sprintf("shard %d: %s", f.Shard, f.Unmeasured[field])
		}
		if v := stats.Value(*ms); longest == nil || v > *longest {
			longest = &v
		}
	}
	return longest, "no failover happened"
}

// slowestFailover is the one that took the longest of those that came about; nil with the reason
// if that is not known.
func slowestFailover(r *report.Result) (*report.Failover, string) {
	var slowest *report.Failover
	for _, f := range ours(r) {
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
			return number(p.TookMS), ""
		}
	}
	return nil, fmt.Sprintf("shard %d: the moments that the phase is between are not both known", f.Shard)
}

func number(f float64) *stats.Value {
	v := stats.Value(f)
	return &v
}

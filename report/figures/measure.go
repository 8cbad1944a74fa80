package figures

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Measurement is what a run found of a figure.
type Measurement struct {
	// Value is in the figure's unit: milliseconds, a count, a ratio, 0 or 1, acked writes/s. It
	// is stats.Never if it was waited for and did not come by the end of the run, and nil if it
	// is not known.
	Value *stats.Value
	// Reason is why it did not come, or is not known.
	Reason report.Reason
}

// Throughput is the figure of acked writes/s, of all workloads together.
const Throughput = "throughput"

// Measure is a figure of a run by its name: that of an expectation, as Judge judges it, of a
// moment or a phase of failovers, or Throughput. Of several it is the worst, and one that never
// came is worse than any number.
func Measure(name string, r *report.Result) Measurement {
	r = ours(r)
	if workload, metric := expect.SplitName(name); workload != "" {
		one, ok := ofWorkload(r, workload)
		if !ok {
			return Measurement{Reason: report.Reason{Why: report.WhyUnfinished, Workload: workload}}
		}
		name, r = metric, one
	}
	if reason := neverCame(name, r); reason != nil {
		never := stats.Never
		return Measurement{&never, *reason}
	}
	got, missing := figureOf(name, r)
	if got == nil {
		return Measurement{Reason: notDue(r, missing)}
	}
	value := stats.Value(*got)
	return Measurement{Value: &value}
}

// figureOf is a figure by its name; nil with the reason why there is none.
func figureOf(name string, r *report.Result) (*float64, report.Reason) {
	if name == Throughput {
		return throughput(r)
	}
	for _, s := range moments() {
		if s.name == name {
			return slowest(r, s.field, s.of)
		}
	}
	for _, p := range predictedPhases() {
		if PhaseFigure(p) == name {
			return slowestPhase(r, p)
		}
	}
	return metric(name, r)
}

// moment is when something of a failover happened, which is a figure of its own.
type moment struct {
	name, field string // as a figure, and in result.json
	of          func(report.Failover) *record.Millis
}

func moments() []moment {
	return []moment{
		{"pfail", "pfail_ms", func(f report.Failover) *record.Millis { return f.PFail }},
		{"fail", "fail_ms", func(f report.Failover) *record.Millis { return f.Fail }},
		{"election", "election_ms", func(f report.Failover) *record.Millis { return f.Election }},
		{"promoted", "promoted_ms", func(f report.Failover) *record.Millis { return f.Promoted }},
		{"converged", "converged_ms", func(f report.Failover) *record.Millis { return f.Converged }},
		{"redundant", "redundant_ms", func(f report.Failover) *record.Millis { return f.Redundant }},
	}
}

// Moments lists the figures that are moments of failovers, in ms from the fault on, in order.
func Moments() (names []string) {
	for _, s := range moments() {
		names = append(names, s.name)
	}
	return names
}

// predictedPhases are those that follow each other, up to the new master's first write.
func predictedPhases() []string {
	return []string{report.SuspicionPhase, report.AgreementPhase, report.DelayPhase, report.VotesPhase, report.OpeningPhase}
}

// Phases lists the figures that are phases of failovers, in ms, in order.
func Phases() (names []string) {
	for _, p := range predictedPhases() {
		names = append(names, PhaseFigure(p))
	}
	return names
}

// PhaseFigure is the name of a phase's figure: "election_delay".
func PhaseFigure(phase string) string { return strings.ReplaceAll(phase, " ", "_") }

// slowestPhase is the longest that a phase took of all failovers.
func slowestPhase(r *report.Result, name string) (*float64, report.Reason) {
	_, missing := slowest(r, "", func(report.Failover) *record.Millis { return new(record.Millis(0)) })
	if missing.Why != "" {
		return nil, missing
	}
	var longest *record.Millis
	for _, f := range r.Failovers {
		i := slices.IndexFunc(f.Phases, func(p report.Phase) bool { return p.Name == name })
		if i < 0 {
			return nil, withoutPhase(f, name).On(f.Shard)
		}
		if took := f.Phases[i].Took; longest == nil || took > *longest {
			longest = &took
		}
	}
	return (*float64)(longest), report.Reason{}
}

// withoutPhase is why a failover has no phase of a name: one of the moments that it is between is missing.
func withoutPhase(f report.Failover, name string) report.Reason {
	about := map[string][]string{
		report.SuspicionPhase: {"pfail_ms"}, report.AgreementPhase: {"pfail_ms", "fail_ms"}, report.DelayPhase: {"fail_ms", "election_ms"},
		report.VotesPhase: {"election_ms", "promoted_ms"}, report.OpeningPhase: {"promoted_ms", "first_write_ms"},
	}
	for _, field := range about[name] {
		if reason, ok := f.Reasons[field]; ok {
			return reason
		}
	}
	return report.Reason{Why: report.WhyNoPhase}
}

// throughput is the sum of all workloads.
func throughput(r *report.Result) (*float64, report.Reason) {
	if len(r.Workloads) == 0 {
		return nil, report.Reason{Why: report.WhyNoneFinished}
	}
	sum := 0.0
	for _, w := range r.Workloads {
		if why, ok := w.Reasons["throughput_ops"]; ok {
			return nil, why
		}
		if w.ThroughputOps == nil {
			return nil, report.Reason{Why: report.WhyTookNoTime, Workload: w.Name}
		}
		sum += *w.ThroughputOps
	}
	return &sum, report.Reason{}
}

// neverCame says why a figure that a run waited for did not come; nil if it did, if nobody waited,
// or if the run was over too early to tell.
func neverCame(name string, r *report.Result) *report.Reason {
	field := map[string]string{"failover_time": "first_write_ms", "client_recovery": "client_recovery_ms"}[name]
	for _, s := range moments() {
		if s.name == name {
			field = s.field
		}
	}
	if field == "" || r.Verdict == report.Error {
		return nil
	}
	for i, m := range r.Missed {
		if m.Due() && waitedFor(r, m, field) {
			return &report.Reason{Why: report.WhyNotReplaced, Missed: &i}
		}
	}
	for _, f := range r.Failovers {
		if failoverNeverCame(f, field) {
			reason := f.Reasons[field].On(f.Shard)
			return &reason
		}
	}
	return nil
}

// failoverNeverCame tells whether a figure was waited for and did not come. Where the new master took no
// write at all, no application that had written before got back.
func failoverNeverCame(f report.Failover, field string) bool {
	if field == "client_recovery_ms" && slices.Contains(f.Never, "first_write_ms") {
		return slices.ContainsFunc(f.Clients, func(r report.Recovery) bool { return r.LastAck != nil && r.FirstAck == nil })
	}
	return slices.Contains(f.Never, field)
}

// notDue is why a figure is missing: for want of a failover, because of the master that was not
// replaced, if one was to be.
func notDue(r *report.Result, missing report.Reason) report.Reason {
	if missing.Why == report.WhyNoFailover && len(r.Missed) > 0 {
		missing.Missed = new(int)
	}
	return missing
}

// waitedFor tells whether a figure is one that a failover which did not come would have had: its
// promotion, its first write, and that of applications, if these had written to the shard.
func waitedFor(r *report.Result, m report.Missed, field string) bool {
	switch field {
	case "promoted_ms", "first_write_ms":
		return true
	case "client_recovery_ms":
		return slices.ContainsFunc(r.Shards, func(s report.Shard) bool {
			_, between := s.Bounds["client_gap_ms"]
			return s.Shard == m.Shard && (s.ClientGap != nil || between)
		})
	default:
		return false
	}
}

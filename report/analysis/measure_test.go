package analysis

import (
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// text is a measurement as the tests of it write one: "3004", "never: why", "null: why".
func text(m figures.Measurement) string {
	switch {
	case m.Value == nil:
		return "null: " + sample.Why(m.Reason)
	case m.Value.IsNever():
		return "never: " + sample.Why(m.Reason)
	default:
		return sample.Show((*record.Millis)((*float64)(m.Value)))
	}
}

func TestMeasure(t *testing.T) {
	without := func(events []record.Event, drop func(record.Event) bool) []record.Event {
		return slices.DeleteFunc(events, drop)
	}
	acks := func(workload, node string, from, until record.Millis) record.Event {
		return sample.At(from, &record.Acks{Workload: workload, Shard: 0, Node: node, Until: until, Count: 5})
	}
	done := func(name string, end record.Millis) record.Event {
		return sample.At(end, &record.WorkloadDone{Name: name, Kind: "set", End: end, Attempted: 1, Acked: 1})
	}
	pfail, failed := sample.Suspicion()
	const neverBack = "never: not_reached x"
	for name, test := range map[string]struct {
		events []record.Event
		want   map[string]string
	}{
		"a failover": {sample.AFailover(), map[string]string{
			"failovers": "1", "failover_time": "3004", "client_recovery": "3500", "lost_writes": "2", "recovered": "1", "unavailable": "3004",
			"pfail": "2000", "fail": "2499", "election": "2990", "promoted": "3000", "converged": "3060", "redundant": "5500",
			"suspicion": "2000", "agreement": "499", "election_delay": "491", "votes": "10", "opening": "4",
			"throughput": "11.25", "workloads.w.lost_writes": "2", "workloads.w.client_recovery": "3500",
			"workloads.v.lost_writes": "null: unfinished v", "nothing": "null: no_figure",
		}},
		"no fault": {[]record.Event{sample.Started(), sample.Ack(5, 9000, "a", 0), sample.At(9001, &record.RunEnded{})}, map[string]string{
			"failover_time": "null: no_failover", "suspicion": "null: no_failover", "redundant": "null: no_failover",
			"throughput": "null: none_finished",
		}},
		"a client that never got back": {append(sample.AFailover(), acks("x", "a", 100, 900), done("x", 8000)), map[string]string{
			"failover_time": "3004", "client_recovery": neverBack, "workloads.x.client_recovery": neverBack, "workloads.w.client_recovery": "3500",
		}},
		"a client that got back to the master after the next": {append(sample.AFailover(), acks("x", "a", 100, 900), sample.Owner(8400, "b", "b2", 12), sample.Owner(8410, "b2", "b2", 12), acks("x", "b2", 8500, 8600), done("x", 8700)), map[string]string{
			"workloads.x.client_recovery": "null: not_reached x",
		}},
		"a client that ended before": {append(sample.AFailover(), acks("x", "a", 100, 900), done("x", 3000)), map[string]string{"client_recovery": "3500"}},
		"no replica came back": {without(sample.AFailover(), func(e record.Event) bool { _, is := e.Data.(*record.Replication); return is }), map[string]string{
			"redundant": "never: not_in_sync", "converged": "3060",
		}},
		"nobody saw whether a replica came back": {append(without(sample.AFailover(), func(e record.Event) bool { _, is := e.Data.(*record.Replication); return is }),
			sample.At(9000, &record.Starved{For: 900})), map[string]string{"redundant": "null: not_in_sync"}},
		"one node held on to the old master": {append(without(sample.AFailover(), func(e record.Event) bool { return e.At == 4060 }), sample.Owner(70, "c", "a", 1)), map[string]string{
			"converged": "never: not_agreed",
		}},
		"the new master took no write": {without(sample.AFailover(), func(e record.Event) bool { return e.At == 4004 }), map[string]string{
			"failover_time": "never: no_probe_acked", "opening": "null: no_probe_acked",
		}},
		"nor of any application": {without(sample.AFailover(), func(e record.Event) bool { return e.At == 4004 || e.At == 4500 }), map[string]string{
			"failover_time": "never: no_probe_acked", "client_recovery": "never: no_write_acked",
			"workloads.w.client_recovery": "never: no_write_acked",
		}},
		"a run that was cut short": {without(sample.AFailover(), func(e record.Event) bool { return e.At == 4004 || e.At > 9000 }), map[string]string{
			"failover_time": "null: no_probe_acked",
		}},
		"not replaced": {append(sample.Away(pfail, failed), acks("w", "a", 10, 990), done("w", 8900)), map[string]string{
			"failovers":       "0",
			"failover_time":   "never: not_replaced",
			"client_recovery": "never: not_replaced",
			"promoted":        "never: not_replaced",
			"redundant":       "null: no_failover", "split_brain": "0",
		}},
		"not replaced, and nobody wrote": {sample.Away(pfail, failed), map[string]string{"client_recovery": "null: no_failover"}},
		"away to the end": {without(sample.Away(), func(e record.Event) bool {
			f, is := e.Data.(*record.Fault)
			return is && f.Phase == record.FaultHealed
		}), map[string]string{"failover_time": "never: not_replaced"}},
	} {
		s := sample.OneFault()
		if slices.ContainsFunc(test.events, func(e record.Event) bool { d, is := e.Data.(*record.WorkloadDone); return is && d.Name == "x" }) {
			s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x"})
		}
		r := Analyze(s, test.events)
		for figure, want := range test.want {
			if got := text(figures.Measure(figure, r)); got != want {
				t.Errorf("%s, %s: %s\nwant %s", name, figure, got, want)
			}
		}
	}
}

// A fault that is over before the master can have been suspected has nobody wait for a failover.
func TestNoFailoverIsDue(t *testing.T) {
	const never, missing = "never: not_replaced", "null: no_failover"
	for _, test := range []struct {
		cause report.Cause
		away  record.Millis // ms, with a timeout of 2000
		want  string
	}{
		{report.MissedShorterThanTimeout, 1500, missing}, {report.MissedShorterThanTimeout, 2500, never}, {report.MissedReachedByPeers, 9000, missing},
		{report.MissedBackBeforeMajority, 3000, never}, {report.MissedNoReplica, 9000, never}, {report.MissedManualTimeout, 0, never}, {report.CauseUnknown, 9000, never},
	} {
		f := report.Finding{Cause: test.cause, Evidence: []report.Evidence{observed.Directive("cluster-node-timeout", "2000"), {Kind: "fault", For: &test.away}}}
		r := &report.Result{Missed: []report.Missed{{Cause: test.cause, Master: "a", Findings: []report.Finding{f}}}}
		if got := text(figures.Measure("failover_time", r)); got != test.want {
			t.Errorf("%s after %v ms: %s, want %s", test.cause, test.away, got, test.want)
		}
	}
}

// What is expected of several runs is not judged by one, which says so.
func TestASingleRunLeavesASetsExpectations(t *testing.T) {
	s := sample.OneFault()
	s.ExpectSet = []expect.SetExpectation{{Statistic: expect.StatisticPassed}}
	r := Analyze(s, sample.AFailover())
	if r.Verdict != report.Pass || len(r.Expectations) != 0 || !slices.ContainsFunc(r.Notices, func(n report.Notice) bool { return n.Kind == report.NoticeSetNotJudged }) {
		t.Errorf("%s, %+v, %+v", r.Verdict, r.Expectations, r.Notices)
	}
}

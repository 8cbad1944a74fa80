package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// text is a measurement as the tests of it write one: "3004", "never: why", "null: why".
func (m Measurement) text() string {
	switch {
	case m.Value == nil:
		return "null: " + why(m.Reason)
	case m.Value.IsNever():
		return "never: " + why(m.Reason)
	default:
		return show((*float64)(m.Value))
	}
}

func TestMeasure(t *testing.T) {
	without := func(events []record.Event, drop func(record.Event) bool) []record.Event {
		return slices.DeleteFunc(events, drop)
	}
	acks := func(workload, node string, from, until float64) record.Event {
		return at(from, &record.Acks{Workload: workload, Shard: 0, Node: node, UntilMS: until, Count: 5})
	}
	done := func(name string, end float64) record.Event {
		return at(end, &record.WorkloadDone{Name: name, Kind: "set", EndMS: end, Attempted: 1, Acked: 1})
	}
	pfail, failed := suspicion()
	const neverBack = "never: not_reached x"
	for name, test := range map[string]struct {
		events []record.Event
		want   map[string]string
	}{
		"a failover": {aFailover(), map[string]string{
			"failovers": "1", "failover_time": "3004", "client_recovery": "3500", "lost_writes": "2", "recovered": "1", "unavailable": "3004",
			"pfail": "2000", "fail": "2499", "election": "2990", "promoted": "3000", "converged": "3060", "redundant": "5500",
			"suspicion": "2000", "agreement": "499", "election_delay": "491", "votes": "10", "opening": "4",
			"throughput": "11.25", "workloads.w.lost_writes": "2", "workloads.w.client_recovery": "3500",
			"workloads.v.lost_writes": "null: unfinished v", "nothing": "null: no_figure",
		}},
		"no fault": {[]record.Event{started(), ack(5, 9000, "a", 0), at(9001, &record.RunEnded{})}, map[string]string{
			"failover_time": "null: no_failover", "suspicion": "null: no_failover", "redundant": "null: no_failover",
			"throughput": "null: none_finished",
		}},
		"a client that never got back": {append(aFailover(), acks("x", "a", 100, 900), done("x", 8000)), map[string]string{
			"failover_time": "3004", "client_recovery": neverBack, "workloads.x.client_recovery": neverBack, "workloads.w.client_recovery": "3500",
		}},
		"a client that got back to the master after the next": {append(aFailover(), acks("x", "a", 100, 900), owner(8400, "b", "b2", 12), owner(8410, "b2", "b2", 12), acks("x", "b2", 8500, 8600), done("x", 8700)), map[string]string{
			"workloads.x.client_recovery": "null: not_reached x",
		}},
		"a client that ended before": {append(aFailover(), acks("x", "a", 100, 900), done("x", 3000)), map[string]string{"client_recovery": "3500"}},
		"no replica came back": {without(aFailover(), func(e record.Event) bool { _, is := e.Data.(*record.Replication); return is }), map[string]string{
			"redundant": "never: not_in_sync", "converged": "3060",
		}},
		"nobody saw whether a replica came back": {append(without(aFailover(), func(e record.Event) bool { _, is := e.Data.(*record.Replication); return is }),
			at(9000, &record.Starved{ForMS: 900})), map[string]string{"redundant": "null: not_in_sync"}},
		"one node held on to the old master": {append(without(aFailover(), func(e record.Event) bool { return e.MS == 4060 }), owner(70, "c", "a", 1)), map[string]string{
			"converged": "never: not_agreed",
		}},
		"the new master took no write": {without(aFailover(), func(e record.Event) bool { return e.MS == 4004 }), map[string]string{
			"failover_time": "never: no_probe_acked", "opening": "null: no_probe_acked",
		}},
		"nor of any application": {without(aFailover(), func(e record.Event) bool { return e.MS == 4004 || e.MS == 4500 }), map[string]string{
			"failover_time": "never: no_probe_acked", "client_recovery": "never: no_write_acked",
			"workloads.w.client_recovery": "never: no_write_acked",
		}},
		"a run that was cut short": {without(aFailover(), func(e record.Event) bool { return e.MS == 4004 || e.MS > 9000 }), map[string]string{
			"failover_time": "null: no_probe_acked",
		}},
		"not replaced": {append(away(pfail, failed), acks("w", "a", 10, 990), done("w", 8900)), map[string]string{
			"failovers":       "0",
			"failover_time":   "never: not_replaced",
			"client_recovery": "never: not_replaced",
			"promoted":        "never: not_replaced",
			"redundant":       "null: no_failover", "split_brain": "0",
		}},
		"not replaced, and nobody wrote": {away(pfail, failed), map[string]string{"client_recovery": "null: no_failover"}},
		"away to the end": {without(away(), func(e record.Event) bool {
			f, is := e.Data.(*record.Fault)
			return is && f.Phase == record.FaultHealed
		}), map[string]string{"failover_time": "never: not_replaced"}},
	} {
		s := oneFault()
		if slices.ContainsFunc(test.events, func(e record.Event) bool { d, is := e.Data.(*record.WorkloadDone); return is && d.Name == "x" }) {
			s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x"})
		}
		r := Analyze(s, test.events)
		for figure, want := range test.want {
			if got := Measure(figure, r).text(); got != want {
				t.Errorf("%s, %s: %s\nwant %s", name, figure, got, want)
			}
		}
	}
}

// A fault that is over before the master can have been suspected has nobody wait for a failover.
func TestNoFailoverIsDue(t *testing.T) {
	const never, missing = "never: not_replaced", "null: no_failover"
	for _, test := range []struct {
		cause Cause
		away  float64 // ms, with a timeout of 2000
		want  string
	}{
		{MissedShorterThanTimeout, 1500, missing}, {MissedShorterThanTimeout, 2500, never}, {MissedReachedByPeers, 9000, missing},
		{MissedBackBeforeMajority, 3000, never}, {MissedNoReplica, 9000, never}, {MissedManualTimeout, 0, never}, {CauseUnknown, 9000, never},
	} {
		f := Finding{Cause: test.cause, Evidence: []Evidence{directive("cluster-node-timeout", "2000"), {Kind: "fault", ForMS: &test.away}}}
		r := &Result{Missed: []Missed{{Cause: test.cause, Master: "a", Findings: []Finding{f}}}}
		if got := Measure("failover_time", r).text(); got != test.want {
			t.Errorf("%s after %v ms: %s, want %s", test.cause, test.away, got, test.want)
		}
	}
}

// Every figure by its name is one that is known, and what is told of a run that found nothing
// has a reason.
func TestEveryFigureHasAReason(t *testing.T) {
	names := slices.Concat(Steps(), Phases(), []string{Throughput})
	for _, m := range scenarios.Metrics() {
		if m.Unit != scenarios.UnitCauses {
			names = append(names, m.Name)
		}
	}
	for _, name := range names {
		m := Measure(name, &Result{})
		if m.Value == nil && (m.Reason.Why == "" || m.Reason.Why == WhyNoFigure) || m.Value != nil && math.IsNaN(float64(*m.Value)) {
			t.Errorf("%s: %+v", name, m)
		}
		if strings.Contains(name, " ") {
			t.Errorf("%q is no name", name)
		}
	}
}

// What is expected of several runs is not judged by one, which says so.
func TestASingleRunLeavesASetsExpectations(t *testing.T) {
	s := oneFault()
	s.ExpectSet = []scenarios.SetExpectation{{Statistic: scenarios.StatisticPassed}}
	r := Analyze(s, aFailover())
	if r.Verdict != Pass || len(r.Expectations) != 0 || !slices.ContainsFunc(r.Notices, func(n Notice) bool { return n.Kind == NoticeSetNotJudged }) {
		t.Errorf("%s, %+v, %+v", r.Verdict, r.Expectations, r.Notices)
	}
}

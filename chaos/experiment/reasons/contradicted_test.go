package reasons

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Causes that do not go with the record of the made-up run, and some that do.
func TestCheckAgainstTheRecord(t *testing.T) {
	fault := func(kind string, ms record.Millis) []report.Evidence {
		return []report.Evidence{{Kind: "fault", Moment: of(ms), Node: "redis-master-1", Name: kind, Value: "faults[0]"}}
	}
	// become makes the only fault one of another kind, at other times.
	become := func(events []record.Event, kind, detail string, asked, effective, healed float64) {
		at := map[record.FaultPhase]float64{record.FaultRequested: asked, record.FaultEffective: effective, record.FaultHealed: healed}
		for i, e := range events {
			if f, ok := e.Data.(*record.Fault); ok {
				f.Kind, f.Detail, events[i].At = kind, detail, record.Millis(at[f.Phase])
			}
		}
	}
	for name, test := range map[string]struct {
		change func([]record.Event, *report.Result)
		rule   Rule // none: it is as it should be
		text   string
	}{
		"a fault that came later": {func(events []record.Event, r *report.Result) {
			become(events, "pause", "", 3500, 3510, 6000)
			r.Outages[0].Evidence = fault("pause", 3510)
		}, RuleFaults, "began 1502 ms after it"},
		"a fault that was over": {func(events []record.Event, r *report.Result) {
			become(events, "pause", "", 1000, 1010, 1500)
			r.Outages[0].Evidence = fault("pause", 1010)
		}, RuleFaults, "was over 498 ms before it"},
		"a master that was not asked": {func(events []record.Event, r *report.Result) {
			become(events, "failover", "CLUSTER FAILOVER FORCE", 1990, 2000, 2000)
			r.Outages[0].Cause, r.Outages[0].Evidence = report.OutageManual, fault("failover", 2000)
		}, RuleFaults, "is a CLUSTER FAILOVER FORCE: the master is not asked"},
		"a failover keeps nobody away": {func(events []record.Event, r *report.Result) {
			become(events, "failover", "CLUSTER FAILOVER", 1990, 2000, 2000)
			r.Outages[0].Evidence = fault("failover", 2000)
		}, RuleFaults, "is not kept away by that"},
		"a master that was never marked as failed": {func(_ []record.Event, r *report.Result) {
			r.Outages[0].Cause = report.OutageCoverage
			r.Outages[0].Evidence = []report.Evidence{{Kind: "uncovered", Moment: of(record.Millis(1998.0)), Name: "shard 0"}}
		}, RuleRecord, "because shard 0 had no master, whose master was marked as failed for 0 ms of it"},
		"a majority was left": {func(events []record.Event, r *report.Result) {
			become(events, "pause", "", 2900, 2910, 6000)
			r.Outages[0].Cause, r.Outages[0].Evidence = report.OutageNoMajority, fault("pause", 2910)
		}, RuleRecord, "when faults had hit only [] of 2 masters"},
		"a master that was marked as failed": {func(events []record.Event, r *report.Result) {
			for i, e := range events {
				if l, ok := e.Data.(*record.Log); ok {
					*l, events[i].At = record.Log{Node: "redis-master-2", Kind: record.LogMarkedFail, Subject: "redis-master-1"}, 3200
				}
			}
			r.Missed = []report.Missed{{Shard: 0, Master: "redis-master-1", Cause: report.MissedShorterThanTimeout}}
		}, RuleRecord, "redis-master-2 marked it as failed at 3200 ms"},
		"a paused master that is in reach": {func(_ []record.Event, r *report.Result) {
			r.Missed = []report.Missed{{Shard: 0, Master: "redis-master-1", Cause: report.MissedReachedByPeers}}
		}, RuleRecord, "is said to have been reached by its peers"},
		"a failover that was asked for": {func(events []record.Event, _ *report.Result) {
			for _, e := range events {
				if l, ok := e.Data.(*record.Log); ok {
					l.Kind, l.Text = record.LogManualFailover, "Taking over the master (user request)."
				}
			}
		}, RuleRecord, "Taking over the master"},
		"suspected by a node that is cut off": {func(events []record.Event, _ *report.Result) {
			for _, e := range events {
				if f, ok := e.Data.(*record.Fault); ok {
					f.Targets = []string{"redis-master-1", "redis-master-2"}
				}
			}
		}, RuleRecord, "by nobody but redis-master-2 (faults[0], pause"},
		"clocks that were not set": {func(_ []record.Event, r *report.Result) {
			r.Failovers[0].Remarks = []string{"promoted_ms is 2.60 s before fail_ms, which it follows: the servers' clock and this program's do not agree."}
		}, RuleRecord, "clocks are blamed"},
		"a directive that is set otherwise": {func(events []record.Event, r *report.Result) {
			events[0].Data.(*record.RunStarted).Config["cluster-require-full-coverage"] = "no"
			r.Failovers[0].Remarks = []string{"with cluster-require-full-coverage yes (the default) all shards wait for each other"}
		}, RuleRecord, "cluster-require-full-coverage is no"},
		"a fault that no node can see": {func(events []record.Event, _ *report.Result) {
			become(events, "disconnect", "from the client network", 1990, 2000, 6000)
		}, RuleRecord, "put down to faults[0], a disconnect from the client network"},
		"a master that was cut off before": {func(events []record.Event, r *report.Result) {
			become(events, "disconnect", "from the cluster network", 1990, 2000, 6000)
			r.Outages[0].Evidence = fault("disconnect", 2000)
			r.Workloads[0].Writes.Losses[0].First, r.Workloads[0].Writes.Losses[0].Last = 1900, 2500
		}, RuleRecord, "had cut it off at 2000 ms"},
		"a majority that was in reach": {func(events []record.Event, r *report.Result) {
			become(events, "disconnect", "from the client network", 1990, 2000, 6000)
			r.Outages[0].Cause, r.Outages[0].Evidence = report.OutageNoMajority, fault("disconnect", 2000)
		}, RuleFaults, "off the client network is reached by its peers"},
		"a new master that died": {func(events []record.Event, r *report.Result) {
			for i, e := range events {
				if f, ok := e.Data.(*record.Fault); ok && f.Phase == record.FaultHealed {
					events[i] = record.Event{At: 7000, Data: &record.NodeEvent{Node: "redis-replica-1", Action: "die"}}
				}
			}
			r.Workloads[0].Writes.Losses[0].First, r.Workloads[0].Writes.Losses[0].Last = 100, 3000
		}, RuleRecord, "and redis-replica-1, which replaced it, died at 7000 ms"},
		"a master that was not yet": {func(events []record.Event, r *report.Result) {
			become(events, "disconnect", "from the cluster network", 1990, 2000, 6000)
			r.Outages[0].Evidence = fault("disconnect", 2000)
			r.Workloads[0].Writes.Losses[0].First, r.Workloads[0].Writes.Losses[0].Last = 1900, 1990
		}, "", ""},
		"a reason for what was done": {func(events []record.Event, r *report.Result) {
			become(events, "failover", "CLUSTER FAILOVER", 1990, 2000, 2000)
			for _, e := range events {
				if f, ok := e.Data.(*record.Fault); ok {
					f.Targets = []string{"redis-replica-1"}
				}
			}
			r.Missed = []report.Missed{{Shard: 0, Master: "redis-master-1", Cause: report.CauseUnknown}}
		}, RuleAbsences, "redis-replica-1 was told to take over by faults[0] and did so at 3990 ms"},
		"two reasons for one absence": {func(_ []record.Event, r *report.Result) {
			m := report.Missed{Shard: 0, Master: "redis-master-1", Cause: report.MissedNoReplica, Reason: "the shard has no replica"}
			r.Missed = []report.Missed{m, m}
		}, RuleAbsences, "it is told twice why redis-master-1 was not replaced"},
		"a master is blamed while this program was not run": {func(events []record.Event, r *report.Result) {
			for i, e := range events {
				if _, ok := e.Data.(*record.NodeFlag); ok {
					events[i] = record.Event{At: 4000, Data: &record.Starved{For: 1900}}
				}
			}
			r.Outages[0].Cause = report.OutageNotResponding
		}, RuleBusy, "1 of 1 outages are said to be by not_responding or event_loop_blocked"},
	} {
		t.Run(name, func(t *testing.T) {
			s, events, result := madeUp(t)
			test.change(events, result)
			r, err := newRun(s, events, result)
			if err != nil {
				t.Fatal(err)
			}
			breaches := Check(r)
			switch {
			case test.rule == "" && len(breaches) > 0:
				t.Errorf("got %v, want none", breaches)
			case test.rule != "" && !slices.ContainsFunc(breaches, func(b Breach) bool { return b.Rule == test.rule && strings.Contains(b.Text, test.text) }):
				t.Errorf("got %v, want %s: %s", breaches, test.rule, test.text)
			}
		})
	}
}

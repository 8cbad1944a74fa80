package reasons

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// of is a pointer to a value.
func of[T any](v T) *T { return &v }

// madeUp is a run of 10 s: redis-master-1 is paused from 2000 to 6000 ms, redis-replica-1
// replaces it at 4000 ms, and all that is told of it is right.
func madeUp(t *testing.T) (*scenarios.Scenario, []record.Event, *report.Result) {
	t.Helper()
	s, err := parse.Scenario("made-up.yaml", []byte("name: made-up\nduration: 10s\nfaults: [{at: 2s, for: 4s, pause: {node: redis-master-1}}]\n"), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pause := func(phase record.FaultPhase) *record.Fault {
		return &record.Fault{Index: 0, Kind: "pause", Phase: phase, Targets: []string{"redis-master-1"}, Shards: []int{0}}
	}
	acks := func(node string, shard int, until record.Millis) *record.Probe {
		return &record.Probe{Node: node, Shard: shard, Answer: record.ProbeAck, Until: until, Count: 100}
	}
	events := []record.Event{
		{At: 0, Data: &record.RunStarted{Config: map[string]string{"cluster-node-timeout": "1000", "maxmemory": "4mb"},
			Shards: []record.Shard{{Shard: 0, Master: "redis-master-1"}, {Shard: 1, Master: "redis-master-2"}}}},
		{At: 1, Data: acks("redis-master-1", 0, 1000)},
		{At: 1005, Data: &record.Probe{Node: "redis-master-1", Shard: 0, Answer: record.ProbeAck, Until: 1998, Count: 100, Continues: true}},
		{At: 1, Data: acks("redis-master-2", 1, 10_000)},
		{At: 1990, Data: pause(record.FaultRequested)},
		{At: 2000, Data: pause(record.FaultEffective)},
		{At: 2005, Data: &record.Probe{Node: "redis-master-1", Shard: 0, Answer: "timeout", Until: 5990, Count: 8}},
		{At: 3100, Data: &record.NodeFlag{Observer: "redis-master-2", Subject: "redis-master-1", Flag: "pfail"}},
		{At: 3990, Data: &record.Log{Node: "redis-replica-1", Kind: record.LogElectionWon, Text: "Failover election won: I'm the new master."}},
		{At: 4000, Data: &record.SlotOwner{Observer: "redis-master-2", Shard: 0, Owner: "redis-replica-1", Epoch: 9}},
		{At: 4010, Data: acks("redis-replica-1", 0, 10_000)},
		{At: 6000, Data: pause(record.FaultHealed)},
	}
	result := &report.Result{
		Faults: []report.Fault{{Kind: "pause", Detail: "process frozen", Targets: []string{"redis-master-1"}, Requested: of(record.Millis(1990.0)), Effective: of(record.Millis(2000.0)), Healed: of(record.Millis(6000.0))}},
		Failovers: []report.Failover{{Shard: 0, OldMaster: "redis-master-1", NewMaster: "redis-replica-1", Origin: report.OriginFault, Fault: of(0),
			At: of(record.Millis(3990.0)), PFail: of(record.Millis(1100.0)), Promoted: of(record.Millis(1990.0)), FirstWrite: of(record.Millis(2010.0))}},
		Outages: []report.Outage{{Shard: 0, From: 1998, To: 4010, Finding: report.Finding{Cause: report.OutageMasterDown, Evidence: []report.Evidence{
			{Kind: "fault", Moment: of(record.Millis(2000.0)), Node: "redis-master-1", Name: "pause", Value: "faults[0]"},
			{Kind: "probes", Moment: of(record.Millis(1998.0)), For: of(record.Millis(2012.0)), Node: "redis-master-1", Name: "silent"},
		}}}},
		Writes: report.Writes{Attempted: 10, Acked: 7, Failed: 2, Indeterminate: 1, Lost: of(int64(3))},
		Workloads: []report.Workload{{Name: "orders", Type: "set", Writes: report.Writes{Attempted: 10, Acked: 7, Failed: 2, Indeterminate: 1, Lost: of(int64(3)),
			Losses: []report.Loss{{Count: 3, Finding: report.Finding{Node: "redis-master-1", Cause: report.LossNotReplicated, Evidence: []report.Evidence{{Kind: "failover", Moment: of(record.Millis(3990.0)), Node: "redis-replica-1"}}}}}}}},
	}
	return s, events, result
}

func TestCheck(t *testing.T) {
	outage := func(r *report.Result) *report.Outage { return &r.Outages[0] }
	evidence := func(e report.Evidence) func(*report.Result) {
		return func(r *report.Result) { outage(r).Evidence = append(outage(r).Evidence, e) }
	}
	for name, test := range map[string]struct {
		change func(*report.Result)
		rule   Rule // none: it is as it should be
		text   string
	}{
		"all is right":                                 {func(*report.Result) {}, "", ""},
		"a gap is no outage":                           {func(r *report.Result) { r.Outages = nil }, RuleOutages, "shard 0 from 1998 to 4010 ms, and that is no outage"},
		"an outage is cut short":                       {func(r *report.Result) { outage(r).To = 3000 }, RuleOutages, "that is no outage"},
		"an outage has no cause":                       {func(r *report.Result) { outage(r).Cause = "" }, RuleOutages, "has no cause"},
		"a paused node just silent":                    {func(r *report.Result) { outage(r).Cause = report.OutageNotResponding }, RuleFaults, "faults[0] (pause) was in force on redis-master-1"},
		"a failover of a paused node comes of nothing": {func(r *report.Result) { r.Failovers[0].Origin = report.OriginNone }, RuleFaults, "said to come of nothing"},
		"a remark says without any fault": {func(r *report.Result) {
			r.Failovers[0].Remarks = []string{"redis-master-1 did not respond for up to 1.00 s at a time, without any fault (redis-master-1 answered nothing from 2.50 s to 3.50 s)."}
		}, RuleFaults, "redis-master-1 answered nothing from 2.50 s to 3.50 s"},
		"so it did, before the fault": {func(r *report.Result) {
			r.Failovers[0].Remarks = []string{"redis-master-1 did not respond for up to 1.00 s at a time, without any fault (redis-master-1 answered nothing from 804 ms to 1.96 s)."}
		}, "", ""},
		"losses do not sum up":      {func(r *report.Result) { r.Workloads[0].Writes.Losses[0].Count = 2 }, RuleLosses, "orders (set) lost 3 writes, and the causes account for 2"},
		"a finding has no evidence": {func(r *report.Result) { outage(r).Evidence = nil }, RuleEvidence, "master_down has no evidence"},
		"evidence of an event that is not there": {func(r *report.Result) { r.Workloads[0].Writes.Losses[0].Evidence[0].Moment = of(record.Millis(3000.0)) },
			RuleEvidence, "the record has no such event"},
		"evidence of a fault at another time":  {evidence(report.Evidence{Kind: "fault", Moment: of(record.Millis(1000.0)), Node: "redis-master-1", Name: "pause", Value: "faults[0]"}), RuleEvidence, "it took hold at 2000.0 ms"},
		"evidence of a fault on another node":  {evidence(report.Evidence{Kind: "fault", Moment: of(record.Millis(2000.0)), Node: "redis-master-2", Name: "pause", Value: "faults[0]"}), RuleEvidence, "its targets are [redis-master-1]"},
		"evidence of a fault that was not":     {evidence(report.Evidence{Kind: "fault", Moment: of(record.Millis(2000.0)), Node: "redis-master-1", Name: "pause", Value: "faults[1]"}), RuleEvidence, "it was not injected"},
		"evidence of another directive":        {evidence(report.Evidence{Kind: "directive", Name: "maxmemory", Value: "6mb"}), RuleEvidence, `it is set to "4mb"`},
		"evidence of a default":                {evidence(report.Evidence{Kind: "directive", Name: "cluster-require-full-coverage", Value: "yes"}), "", ""},
		"evidence of a flag":                   {evidence(report.Evidence{Kind: "flag", Moment: of(record.Millis(3100.0)), Node: "redis-master-1", Name: "pfail"}), "", ""},
		"evidence of a flag that was not":      {evidence(report.Evidence{Kind: "flag", Moment: of(record.Millis(3100.0)), Node: "redis-master-1", Name: "fail"}), RuleEvidence, "no such event"},
		"evidence of a line":                   {evidence(report.Evidence{Kind: "log", Moment: of(record.Millis(3990.0)), Node: "redis-replica-1", Value: "Failover election won: I'm the new master."}), "", ""},
		"evidence of a line that is not there": {evidence(report.Evidence{Kind: "log", Moment: of(record.Millis(3990.0)), Node: "redis-replica-1", Value: "Failover"}), RuleEvidence, "no such event"},
		"evidence of an answer that was not":   {evidence(report.Evidence{Kind: "probes", Moment: of(record.Millis(1998.0)), Node: "redis-master-1", Name: "oom"}), RuleEvidence, "it gave no such answer"},
		"evidence of a silence that was not":   {evidence(report.Evidence{Kind: "probes", Moment: of(record.Millis(1998.0)), Node: "redis-master-2", Name: "silent"}), RuleEvidence, "it answered nearly all the time"},
		"evidence of a shard without a master": {evidence(report.Evidence{Kind: "uncovered", Moment: of(record.Millis(1998.0)), Name: "shard 0"}), RuleEvidence, "no such event"},
		"evidence without a time":              {evidence(report.Evidence{Kind: "log", Node: "redis-replica-1"}), RuleEvidence, "it has no time"},
		"evidence of no kind":                  {evidence(report.Evidence{Kind: "hearsay", Moment: of(record.Millis(1.0))}), RuleEvidence, "no such kind"},
		"an outage ends before it begins": {func(r *report.Result) {
			r.Outages = append(r.Outages, report.Outage{Finding: report.Finding{Cause: report.CauseUnknown}, From: 10, To: 9})
		}, RuleFigures, "outage from 10 to 9 ms"},
		"writes do not add up":                   {func(r *report.Result) { r.Writes.Failed = 3 }, RuleFigures, "all workloads: attempted 10, acked 7, failed 3"},
		"a phase takes less than nothing":        {func(r *report.Result) { r.Failovers[0].Phases = []report.Phase{{Name: "votes", Took: -2}} }, RuleFigures, "the phase votes from 0.0 ms, which took -2.0 ms"},
		"a first write before the promotion":     {func(r *report.Result) { r.Failovers[0].FirstWrite = of(record.Millis(500.0)) }, RuleFigures, "promoted_ms 1990.0 and first_write_ms 500.0"},
		"a figure is negative":                   {func(r *report.Result) { r.Failovers[0].SplitBrain = of(record.Millis(-1.0)) }, RuleFigures, "split_brain_ms -1.0"},
		"nothing is told of a master away":       {func(r *report.Result) { r.Failovers = nil }, "", ""}, // it was not for long
		"an old failover is not that of a fault": {func(r *report.Result) { r.Failovers[0].At = of(record.Millis(100.0)) }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, events, result := madeUp(t)
			test.change(result)
			r, err := newRun(s, events, result)
			if err != nil {
				t.Fatal(err)
			}
			breaches := Check(r)
			switch {
			case test.rule == "" && len(breaches) > 0:
				t.Errorf("got %v, want none", breaches)
			case test.rule != "" && !slices.ContainsFunc(breaches, func(b Breach) bool { return b.Rule == test.rule && strings.Contains(b.Text, test.text) && !b.Excused }):
				t.Errorf("got %v, want %s: %s", breaches, test.rule, test.text)
			}
		})
	}
}

// A master that nobody replaced for long is missed, or its failover is there.
func TestCheckAbsences(t *testing.T) {
	s, events, result := madeUp(t)
	for _, e := range events {
		if p, ok := e.Data.(*record.Probe); ok && p.Node == "redis-replica-1" {
			p.Answer = "moved" // and so the shard takes no writes any more
		}
	}
	result.Failovers, result.Outages[0].To = nil, 10_000
	check := func() []Breach {
		r, err := newRun(s, events, result)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(Check(r), func(b Breach) bool { return b.Rule != RuleAbsences })
	}
	if got := check(); len(got) != 1 || !strings.Contains(got[0].Text, "pause hit redis-master-1, the master of shard 0, from 2000 to 6000 ms") {
		t.Errorf("got %v", got)
	}
	result.Missed = []report.Missed{{Shard: 0, Master: "redis-master-1", Cause: report.MissedNoReplica}}
	if got := check(); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

// Ratios that go together sum up to 1, wherever a result has them.
func TestCheckRatios(t *testing.T) {
	s, events, result := madeUp(t)
	r, err := newRun(s, events, result)
	if err != nil {
		t.Fatal(err)
	}
	for failed, want := range map[float64]int{0.25: 0, 0.5: 1} {
		r.result["workloads"] = []any{map[string]any{"writes": map[string]any{"availability": 0.75, "failed_ratio": failed}}}
		if got := slices.DeleteFunc(Check(r), func(b Breach) bool { return b.Rule != RuleFigures }); len(got) != want {
			t.Errorf("%v failed: got %v, want %d breaches", failed, got, want)
		}
	}
}

// Times that a busy machine can make wrong are no failure on one.
func TestStarvedMachineIsExcused(t *testing.T) {
	s, events, result := madeUp(t)
	events = append(events, record.Event{At: 3000, Data: &record.Starved{For: 300}})
	result.Failovers[0].FirstWrite = of(record.Millis(500.0))
	result.Workloads[0].Writes.Losses[0].Count = 2
	r, err := newRun(s, events, result)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range Check(r) {
		if b.Excused != (b.Rule == RuleFigures) { // losses are counted on a busy machine, too
			t.Errorf("%+v", b)
		}
	}
}

func TestTally(t *testing.T) {
	s, events, result := madeUp(t)
	result.Outages = append(result.Outages, report.Outage{Shard: 1, From: 7000, To: 7200, Finding: report.Finding{Cause: report.CauseUnknown}})
	result.Failovers[0].Phases = []report.Phase{{Name: "votes", Took: 1000, Findings: []report.Finding{{Cause: report.CauseUnknown}}}}
	result.Missed = []report.Missed{{Findings: []report.Finding{{Cause: report.MissedNoReplica}, {Cause: report.MissedReplicaDown}}}}
	r, err := newRun(s, events, result)
	if err != nil {
		t.Fatal(err)
	}
	tally := NewTally()
	for range 9 {
		tally.Add(r)
	}
	if got := tally.Share(); got != 18.0/54 || !tally.TooManyUnknown() {
		t.Errorf("%v of %d causes are unknown, want a third of 54", got, tally.causes())
	}
	for _, want := range []string{"9, on a starved machine 0", "18: master_down 9, unknown 9", "18: no_replica 9, replica_down 9", "9: not_replicated 9 (27 writes)", "9: unknown 9", "18 of 54 causes, 33.3 %", "made-up: the outage of shard 1 from 7000 to 7200 ms", "made-up: the votes of the failover of shard 0 took 1000 ms"} {
		if !strings.Contains(tally.String(), want) {
			t.Errorf("no %q in\n%s", want, tally)
		}
	}
}

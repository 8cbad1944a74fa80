package losses

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// among are the faults that a loss may come of.
func among(all ...report.Fault) (faults []observed.Fault) {
	for _, f := range all {
		faults = append(faults, observed.Fault{Fault: f})
	}
	return faults
}

// A loss is told with the fault that took the mastership from the node that acked it.
func TestLosses(t *testing.T) {
	ms := func(ms record.Millis) *record.Millis { return &ms }
	index := func(i int) *int { return &i }
	faults := []report.Fault{
		{Kind: "kill", Targets: []string{"a"}, Effective: ms(5000)},
		{Kind: "kill", Targets: []string{"b"}, Effective: ms(20_000)},
		{Kind: "partition", Targets: []string{"c"}, Effective: ms(30_000)},
		{Kind: "restart", Targets: []string{"d"}, Effective: ms(40_000)},
		{Kind: "restart", Targets: []string{"d"}, Effective: ms(50_000)},
	}
	failovers := []report.Failover{
		{Origin: report.OriginFault, Shard: 0, OldMaster: "a", NewMaster: "b", Fault: index(0), At: ms(9000), From: 5000},
		{Origin: report.OriginFault, Shard: 0, OldMaster: "b", NewMaster: "a", Fault: index(1), At: ms(24_000), From: 20_000},
		{Origin: report.OriginFault, Shard: 1, OldMaster: "c", NewMaster: "c2", Fault: index(2), At: ms(33_000), SplitBrain: ms(4000), From: 30_000},
		{Origin: report.OriginNone, Shard: 2, OldMaster: "x", NewMaster: "y", At: ms(10_000)},
	}
	v := &record.Verified{Lost: 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9, Losses: []record.Loss{
		{Client: 0, Shard: 0, Node: "a", First: 4997, Last: 4999, Count: 2},     // just before the kill
		{Client: 1, Shard: 0, Node: "a", First: 4995, Last: 4998, Count: 3},     // by another client
		{Client: 0, Shard: 0, Node: "b", First: 19_990, Last: 19_999, Count: 4}, // by the next master
		{Client: 0, Shard: 1, Node: "c", First: 31_000, Last: 36_900, Count: 5}, // in the split brain, too
		{Client: 0, Shard: 2, Node: "x", First: 9000, Last: 9001, Count: 6},     // a failover that nobody asked for
		{Client: 0, Shard: 3, Node: "d", First: 39_000, Last: 39_900, Count: 7}, // no failover: it died
		{Client: 0, Shard: 3, Node: "d", First: 49_000, Last: 51_000, Count: 8}, // and once more
		{Client: 0, Shard: 4, Node: "e", First: 1, Last: 2, Count: 9},           // nothing happened to it
	}}
	workload := report.Workload{Name: "w"}
	verify(&workload.Writes, v)
	facts := observed.Arrange([]record.Event{
		sample.At(0, &record.RunStarted{Config: map[string]string{"appendonly": "no"}}),
		sample.At(19_000, &record.Replication{Master: "b", Replica: "a"}),
		sample.At(40_010, &record.NodeEvent{Node: "d", Action: "die"}), sample.At(50_010, &record.NodeEvent{Node: "d", Action: "die"}),
		sample.At(60_000, &record.RunEnded{}),
	})
	facts.Faults = among(faults...)
	workload.Writes.Losses = lossesOf(facts, v, failovers)
	Attribute(faults, []report.Workload{workload})
	want := []string{
		"4 e 1-2: 9 of 1 unknown", "0 a 4995-4999: 5 of 2 not_replicated by 0", "2 x 9000-9001: 6 of 1 not_replicated", "0 b 19990-19999: 4 of 1 winner_not_in_sync by 1",
		"1 c 31000-36900: 5 of 1 acked_while_cut_off by 2", "3 d 39000-39900: 7 of 1 died by 3", "3 d 49000-51000: 8 of 1 died by 4",
	}
	var got []string
	for _, l := range workload.Writes.Losses {
		text := fmt.Sprintf("%d %s %.0f-%.0f: %d of %d %s", l.Shard, l.Node, l.First, l.Last, l.Count, l.Clients, l.Cause)
		if l.Fault != nil {
			text += fmt.Sprintf(" by %d", *l.Fault)
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	for i, lost := range []int64{5, 4, 5, 7, 8} {
		if faults[i].LostWrites == nil || *faults[i].LostWrites != lost {
			t.Errorf("fault %d: %v lost writes, want %d", i, faults[i].LostWrites, lost)
		}
	}
}

// Where it is not known of every lost write which one it is, no fault has a count.
func TestLossesThatAreNotKnown(t *testing.T) {
	lost, at := int64(3), record.Millis(1)
	faults := []report.Fault{{Kind: "kill", Effective: &at}}
	Attribute(faults, []report.Workload{{Writes: report.Writes{Lost: &lost}}})
	if faults[0].LostWrites != nil {
		t.Error("lost writes that nobody can tell apart are told by fault")
	}
}

// A fault that ends no server and changes no master loses nothing.
func TestAPauseLosesNothing(t *testing.T) {
	ms := record.Millis(5000)
	facts := observed.Arrange([]record.Event{sample.At(0, &record.RunStarted{}), sample.At(60_000, &record.RunEnded{})})
	v := &record.Verified{Lost: 1, Losses: []record.Loss{{Shard: 0, Node: "a", First: 4000, Last: 4001, Count: 1}}}
	facts.Faults = among(report.Fault{Kind: "pause", Targets: []string{"a"}, Effective: &ms})
	got := lossesOf(facts, v, nil)
	if len(got) != 1 || got[0].Fault != nil || got[0].Cause != report.CauseUnknown {
		t.Errorf("%+v", got)
	}
}

// Every cause of a loss has a record from which it follows: a, whose replica is a2, is killed at
// 20 s and replaced at 24 s, unless a test has it otherwise, and what it acked around 19.5 s is lost.
func TestCausesOfLosses(t *testing.T) {
	behind := func(more ...record.Event) []record.Event { // a2 has been out of sync since 10 s
		return append(more, sample.At(1000, &record.Replication{Master: "a", Replica: "a2", InSync: true}), sample.At(10_000, &record.Replication{Master: "a", Replica: "a2"}))
	}
	link := sample.At(10_000, &record.MasterLink{Replica: "a2"})
	dropped := func(who string) record.Event {
		return sample.At(9990, &record.Log{Node: "a", Kind: record.LogOutputBufferLimit, Subject: who})
	}
	resync := sample.At(15_000, &record.Log{Node: "a2", Kind: record.LogFullSync})
	died := func(ms record.Millis, node string) record.Event {
		return sample.At(ms, &record.NodeEvent{Node: node, Action: "die"})
	}
	counted := func(c record.Counters) []record.Event {
		return []record.Event{sample.Counters(10, "a", "1", record.Counters{}), sample.Counters(21_000, "a", "1", c)}
	}
	type test struct {
		events   []record.Event
		detail   string        // of the fault that asks a2 to take over, in place of the kill
		nobody   bool          // replaced a
		takes    record.Effect // of the fault, beside that it ends the server
		both     bool          // of a and a2
		ownTTL   bool          // keys of the workload have a time to live
		ackedAt  record.Millis
		evidence string // the last
	}
	shown := map[report.Cause]bool{}
	for cause, tests := range map[report.Cause][]test{
		report.LossNotReplicated:    {{evidence: "fault"}, {takes: record.Unsyncs, evidence: "fault"}, {takes: record.Shifts, ownTTL: true, evidence: "fault"}, {detail: "CLUSTER FAILOVER", evidence: "fault"}},
		report.LossAckedWhileCutOff: {{ackedAt: 22_000, evidence: "fault"}},
		report.LossWinnerDropped: {{events: behind(link, dropped("a2")), evidence: "log"},
			{events: behind(link, dropped("")), evidence: "log"}},
		report.LossWinnerRestarted: {{events: behind(link, died(9990, "a2")), evidence: "exit"}},
		report.LossWinnerResyncing: {{events: behind(link, resync), evidence: "log"}},
		report.LossWinnerStale: {{events: behind(link), evidence: "directive"},
			{events: behind(link, dropped("a3")), evidence: "directive"}, // another one was dropped
			{events: behind(link, resync, sample.At(16_000, &record.Log{Node: "a2", Kind: record.LogReplicaUp})), evidence: "directive"}},
		report.LossWinnerNotInSync: {{events: behind(), evidence: "sync"}},
		report.LossForcedFailover:  {{detail: "CLUSTER FAILOVER TAKEOVER", evidence: "fault"}, {detail: "CLUSTER FAILOVER FORCE", evidence: "fault"}},
		report.LossNotSynced:       {{nobody: true, takes: record.Unsyncs, evidence: "directive"}, {takes: record.Unsyncs, both: true, evidence: "directive"}},
		report.LossFilesDamaged:    {{nobody: true, takes: record.Damages, evidence: "fault"}},
		report.LossDied:            {{nobody: true, events: []record.Event{died(20_010, "a")}, evidence: "directive"}},
		report.LossFlushed:         {{nobody: true, events: counted(record.Counters{Flushes: 1}), evidence: "counter"}},
		report.LossSlotsMoved:      {{nobody: true, events: counted(record.Counters{SlotChanges: 1}), evidence: "counter"}},
		report.RemovedEvicted:      {{nobody: true, events: counted(record.Counters{EvictedKeys: 1}), evidence: "counter"}},
		report.RemovedExpired:      {{nobody: true, events: counted(record.Counters{ExpiredKeys: 1}), evidence: "counter"}},
		report.LossWrongClock:      {{nobody: true, ownTTL: true, takes: record.Shifts, events: counted(record.Counters{ExpiredKeys: 1}), evidence: "counter"}},
		report.CauseUnknown: {{nobody: true}, {ackedAt: 9000},
			{nobody: true, ownTTL: true, events: counted(record.Counters{ExpiredKeys: 1})}, // by clocks that are right
			{nobody: true, ownTTL: true, takes: record.Shifts},                             // nothing expired
			{nobody: true, ownTTL: true, takes: record.Shifts, events: []record.Event{ // before the clock was wrong
				sample.Counters(10, "a", "1", record.Counters{}), sample.Counters(19_700, "a", "1", record.Counters{ExpiredKeys: 1})}},
			{nobody: true, ownTTL: true, takes: record.Shifts, events: []record.Event{ // on another node
				sample.Counters(10, "a2", "1", record.Counters{}), sample.Counters(21_000, "a2", "1", record.Counters{ExpiredKeys: 1})}}},
	} {
		for _, test := range tests {
			start := *sample.Started().Data.(*record.RunStarted)
			start.Config = map[string]string{"cluster-replica-validity-factor": "0", "appendonly": "yes"}
			facts := observed.Arrange(append(test.events, sample.At(0, &start), sample.At(60_000, &record.RunEnded{})))
			f := report.Failover{Origin: report.OriginFault, Shard: 0, OldMaster: "a", NewMaster: "a2", Fault: new(int), At: new(record.Millis(24_000.0)), From: 20_000}
			fault := sample.Known(report.Fault{Kind: "kill", Targets: []string{"a"}, Requested: new(record.Millis(19_990.0)), Effective: new(record.Millis(20_000.0)), Over: new(record.Millis(26_000.0))})
			if test.takes != "" {
				fault.Effects = append(fault.Effects, test.takes)
			}
			if test.both {
				fault.Targets = append(fault.Targets, "a2")
			}
			if test.detail != "" {
				f.Origin, fault = report.OriginManual, sample.Known(report.Fault{Kind: "failover", Detail: test.detail, Targets: []string{"a2"}, Requested: new(record.Millis(20_000.0)), Effective: new(record.Millis(20_005.0))})
			}
			failovers := []report.Failover{f}
			if test.nobody {
				failovers = nil
			}
			ms := cmp.Or(test.ackedAt, record.Millis(19_500))
			facts.Faults, facts.OwnTTL = among(fault), test.ownTTL
			got := whyLost(facts, record.Loss{Shard: 0, Node: "a", First: ms, Last: ms + 100, Count: 3}, failovers)
			evidence := ""
			if n := len(got.Evidence); n > 0 {
				evidence = got.Evidence[n-1].Kind
			}
			if got.Cause != cause || evidence != test.evidence {
				t.Errorf("%+v: %s, resting on %q; want %s, %q", test, got.Cause, evidence, cause, test.evidence)
			}
		}
		shown[cause] = true
	}
	for _, cause := range append(report.LossCauses(), report.RemovedEvicted, report.RemovedExpired) {
		if !shown[cause] {
			t.Errorf("no record shows %s", cause)
		}
	}
}

// What was acked long before a master was hit, while its replica was in sync and did not
// lag, is not lost by the failover.
func TestWhatWasReplicatedIsNotLostByAFailover(t *testing.T) {
	ms := func(ms record.Millis) *record.Millis { return &ms }
	failovers := []report.Failover{{Origin: report.OriginFault, Shard: 0, OldMaster: "a", NewMaster: "a2", Fault: new(int), At: ms(24_000), From: 20_000}}
	kill := sample.Known(report.Fault{Kind: "kill", Targets: []string{"a"}, Effective: ms(20_000)})
	paused := sample.Known(report.Fault{Kind: "pause", Targets: []string{"a2"}, Effective: ms(8000), Healed: ms(21_000)})
	for name, test := range map[string]struct {
		more   []record.Event
		faults []report.Fault
		want   report.Cause
	}{
		"in sync":        {nil, []report.Fault{kill}, report.CauseUnknown},
		"lagging":        {[]record.Event{sample.At(9500, &record.Lag{Replica: "a2", Bytes: 8192})}, []report.Fault{kill}, report.LossNotReplicated},
		"lagged before":  {[]record.Event{sample.At(1000, &record.Lag{Replica: "a2", Bytes: 8192}), sample.At(5000, &record.Lag{Replica: "a2", Bytes: 100})}, []report.Fault{kill}, report.CauseUnknown},
		"replica paused": {nil, []report.Fault{kill, paused}, report.LossNotReplicated},
	} {
		facts := observed.Arrange(append(test.more, sample.At(0, &record.RunStarted{}), sample.At(60_000, &record.RunEnded{})))
		facts.Faults = among(test.faults...)
		if got := whyLost(facts, record.Loss{Shard: 0, Node: "a", First: 9000, Last: 9900, Count: 3}, failovers); got.Cause != test.want {
			t.Errorf("%s: %s, want %s", name, got.Cause, test.want)
		}
	}
}

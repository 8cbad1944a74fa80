package report

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// among are the faults that a loss may come of.
func among(all ...Fault) (faults []fault) {
	for _, f := range all {
		faults = append(faults, fault{Fault: f})
	}
	return faults
}

// A loss is told with the fault that took the mastership from the node that acked it.
func TestLosses(t *testing.T) {
	ms := func(ms float64) *float64 { return &ms }
	index := func(i int) *int { return &i }
	faults := []Fault{
		{Kind: "kill", Targets: []string{"a"}, EffectiveMS: ms(5000)},
		{Kind: "kill", Targets: []string{"b"}, EffectiveMS: ms(20_000)},
		{Kind: "partition", Targets: []string{"c"}, EffectiveMS: ms(30_000)},
		{Kind: "restart", Targets: []string{"d"}, EffectiveMS: ms(40_000)},
		{Kind: "restart", Targets: []string{"d"}, EffectiveMS: ms(50_000)},
	}
	failovers := []Failover{
		{Origin: OriginFault, Shard: 0, OldMaster: "a", NewMaster: "b", Fault: index(0), AtMS: ms(9000), FromMS: 5000},
		{Origin: OriginFault, Shard: 0, OldMaster: "b", NewMaster: "a", Fault: index(1), AtMS: ms(24_000), FromMS: 20_000},
		{Origin: OriginFault, Shard: 1, OldMaster: "c", NewMaster: "c2", Fault: index(2), AtMS: ms(33_000), SplitBrainMS: ms(4000), FromMS: 30_000},
		{Origin: OriginNone, Shard: 2, OldMaster: "x", NewMaster: "y", AtMS: ms(10_000)},
	}
	v := &record.Verified{Lost: 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9, Losses: []record.Loss{
		{Client: 0, Shard: 0, Node: "a", FirstMS: 4997, LastMS: 4999, Count: 2},     // just before the kill
		{Client: 1, Shard: 0, Node: "a", FirstMS: 4995, LastMS: 4998, Count: 3},     // by another client
		{Client: 0, Shard: 0, Node: "b", FirstMS: 19_990, LastMS: 19_999, Count: 4}, // by the next master
		{Client: 0, Shard: 1, Node: "c", FirstMS: 31_000, LastMS: 36_900, Count: 5}, // in the split brain, too
		{Client: 0, Shard: 2, Node: "x", FirstMS: 9000, LastMS: 9001, Count: 6},     // a failover that nobody asked for
		{Client: 0, Shard: 3, Node: "d", FirstMS: 39_000, LastMS: 39_900, Count: 7}, // no failover: it died
		{Client: 0, Shard: 3, Node: "d", FirstMS: 49_000, LastMS: 51_000, Count: 8}, // and once more
		{Client: 0, Shard: 4, Node: "e", FirstMS: 1, LastMS: 2, Count: 9},           // nothing happened to it
	}}
	workload := Workload{Name: "w"}
	workload.Writes.verify(v)
	h := arrange([]record.Event{
		at(0, &record.RunStarted{Config: map[string]string{"appendonly": "no"}}),
		at(19_000, &record.Replication{Master: "b", Replica: "a"}),
		at(40_010, &record.NodeEvent{Node: "d", Action: "die"}), at(50_010, &record.NodeEvent{Node: "d", Action: "die"}),
		at(60_000, &record.RunEnded{}),
	})
	h.faults = among(faults...)
	workload.Writes.Losses = h.lossesOf(v, failovers)
	attribute(faults, []Workload{workload})
	want := []string{
		"4 e 1-2: 9 of 1 unknown", "0 a 4995-4999: 5 of 2 not_replicated by 0", "2 x 9000-9001: 6 of 1 not_replicated", "0 b 19990-19999: 4 of 1 winner_not_in_sync by 1",
		"1 c 31000-36900: 5 of 1 acked_while_cut_off by 2", "3 d 39000-39900: 7 of 1 died by 3", "3 d 49000-51000: 8 of 1 died by 4",
	}
	var got []string
	for _, l := range workload.Writes.Losses {
		text := fmt.Sprintf("%d %s %.0f-%.0f: %d of %d %s", l.Shard, l.Node, l.FirstMS, l.LastMS, l.Count, l.Clients, l.Cause)
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
	lost, at := int64(3), 1.0
	faults := []Fault{{Kind: "kill", EffectiveMS: &at}}
	attribute(faults, []Workload{{Writes: Writes{Lost: &lost}}})
	if faults[0].LostWrites != nil {
		t.Error("lost writes that nobody can tell apart are told by fault")
	}
}

// A fault that ends no server and changes no master loses nothing.
func TestAPauseLosesNothing(t *testing.T) {
	ms := 5000.0
	h := arrange([]record.Event{at(0, &record.RunStarted{}), at(60_000, &record.RunEnded{})})
	v := &record.Verified{Lost: 1, Losses: []record.Loss{{Shard: 0, Node: "a", FirstMS: 4000, LastMS: 4001, Count: 1}}}
	h.faults = among(Fault{Kind: "pause", Targets: []string{"a"}, EffectiveMS: &ms})
	got := h.lossesOf(v, nil)
	if len(got) != 1 || got[0].Fault != nil || got[0].Cause != CauseUnknown {
		t.Errorf("%+v", got)
	}
}

// The losses of a shard are drawn where they were, not where another shard's were.
func TestLossWindowOfAShard(t *testing.T) {
	w := Writes{LossWindowMS: &[2]float64{10, 90}, Losses: []Loss{
		{Shard: 0, FirstMS: 10, LastMS: 20}, {Shard: 1, FirstMS: 80, LastMS: 90}, {Shard: 0, FirstMS: 15, LastMS: 30},
	}}
	if got := w.lossWindowOf(0); got == nil || *got != [2]float64{10, 30} {
		t.Errorf("shard 0: %v", got)
	}
	if got := w.lossWindowOf(2); *got != [2]float64{10, 90} {
		t.Errorf("where it is not known by shard: %v", got)
	}
}

// Every cause of a loss has a record from which it follows: a, whose replica is a2, is killed at
// 20 s and replaced at 24 s, unless a test has it otherwise, and what it acked around 19.5 s is lost.
func TestCausesOfLosses(t *testing.T) {
	behind := func(more ...record.Event) []record.Event { // a2 has been out of sync since 10 s
		return append(more, at(1000, &record.Replication{Master: "a", Replica: "a2", InSync: true}), at(10_000, &record.Replication{Master: "a", Replica: "a2"}))
	}
	link := at(10_000, &record.MasterLink{Replica: "a2"})
	dropped := func(who string) record.Event {
		return at(9990, &record.Log{Node: "a", Kind: record.LogOutputBufferLimit, Subject: who})
	}
	resync := at(15_000, &record.Log{Node: "a2", Kind: record.LogFullSync})
	died := func(ms float64, node string) record.Event {
		return at(ms, &record.NodeEvent{Node: node, Action: "die"})
	}
	counted := func(c record.Counters) []record.Event {
		return []record.Event{counters(10, "a", "1", record.Counters{}), counters(21_000, "a", "1", c)}
	}
	type test struct {
		events   []record.Event
		detail   string // of the fault that asks a2 to take over, in place of the kill
		nobody   bool   // replaced a
		ackedAt  float64
		evidence string // the last
	}
	shown := map[Cause]bool{}
	for cause, tests := range map[Cause][]test{
		LossNotReplicated:    {{evidence: "fault"}, {detail: "CLUSTER FAILOVER", evidence: "fault"}},
		LossAckedWhileCutOff: {{ackedAt: 22_000, evidence: "fault"}},
		LossWinnerDropped: {{events: behind(link, dropped("a2")), evidence: "log"},
			{events: behind(link, dropped("")), evidence: "log"}},
		LossWinnerRestarted: {{events: behind(link, died(9990, "a2")), evidence: "exit"}},
		LossWinnerResyncing: {{events: behind(link, resync), evidence: "log"}},
		LossWinnerStale: {{events: behind(link), evidence: "directive"},
			{events: behind(link, dropped("a3")), evidence: "directive"}, // another one was dropped
			{events: behind(link, resync, at(16_000, &record.Log{Node: "a2", Kind: record.LogReplicaUp})), evidence: "directive"}},
		LossWinnerNotInSync: {{events: behind(), evidence: "sync"}},
		LossForcedFailover:  {{detail: "CLUSTER FAILOVER TAKEOVER", evidence: "fault"}, {detail: "CLUSTER FAILOVER FORCE", evidence: "fault"}},
		LossDied:            {{nobody: true, events: []record.Event{died(20_010, "a")}, evidence: "exit"}},
		LossFlushed:         {{nobody: true, events: counted(record.Counters{Flushes: 1}), evidence: "counter"}},
		LossSlotsMoved:      {{nobody: true, events: counted(record.Counters{SlotChanges: 1}), evidence: "counter"}},
		RemovedEvicted:      {{nobody: true, events: counted(record.Counters{EvictedKeys: 1}), evidence: "counter"}},
		RemovedExpired:      {{nobody: true, events: counted(record.Counters{ExpiredKeys: 1}), evidence: "counter"}},
		CauseUnknown:        {{nobody: true}, {ackedAt: 9000}},
	} {
		for _, test := range tests {
			start := *started().Data.(*record.RunStarted)
			start.Config = map[string]string{"cluster-replica-validity-factor": "0"}
			h := arrange(append(test.events, at(0, &start), at(60_000, &record.RunEnded{})))
			f := Failover{Origin: OriginFault, Shard: 0, OldMaster: "a", NewMaster: "a2", Fault: new(int), AtMS: new(24_000.0), FromMS: 20_000}
			fault := known(Fault{Kind: "kill", Targets: []string{"a"}, RequestedMS: new(19_990.0), EffectiveMS: new(20_000.0), OverMS: new(26_000.0)})
			if test.detail != "" {
				f.Origin, fault = OriginManual, known(Fault{Kind: "failover", Detail: test.detail, Targets: []string{"a2"}, RequestedMS: new(20_000.0), EffectiveMS: new(20_005.0)})
			}
			failovers := []Failover{f}
			if test.nobody {
				failovers = nil
			}
			ms := cmp.Or(test.ackedAt, 19_500)
			h.faults = among(fault)
			got := h.whyLost(record.Loss{Shard: 0, Node: "a", FirstMS: ms, LastMS: ms + 100, Count: 3}, failovers)
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
	for _, cause := range append(LossCauses(), RemovedEvicted, RemovedExpired) {
		if !shown[cause] {
			t.Errorf("no record shows %s", cause)
		}
	}
}

// What was acked long before a master was hit, while its replica was in sync and did not
// lag, is not lost by the failover.
func TestWhatWasReplicatedIsNotLostByAFailover(t *testing.T) {
	ms := func(ms float64) *float64 { return &ms }
	failovers := []Failover{{Origin: OriginFault, Shard: 0, OldMaster: "a", NewMaster: "a2", Fault: new(int), AtMS: ms(24_000), FromMS: 20_000}}
	kill := known(Fault{Kind: "kill", Targets: []string{"a"}, EffectiveMS: ms(20_000)})
	paused := known(Fault{Kind: "pause", Targets: []string{"a2"}, EffectiveMS: ms(8000), HealedMS: ms(21_000)})
	for name, test := range map[string]struct {
		more   []record.Event
		faults []Fault
		want   Cause
	}{
		"in sync":        {nil, []Fault{kill}, CauseUnknown},
		"lagging":        {[]record.Event{at(9500, &record.Lag{Replica: "a2", Bytes: 8192})}, []Fault{kill}, LossNotReplicated},
		"lagged before":  {[]record.Event{at(1000, &record.Lag{Replica: "a2", Bytes: 8192}), at(5000, &record.Lag{Replica: "a2", Bytes: 100})}, []Fault{kill}, CauseUnknown},
		"replica paused": {nil, []Fault{kill, paused}, LossNotReplicated},
	} {
		h := arrange(append(test.more, at(0, &record.RunStarted{}), at(60_000, &record.RunEnded{})))
		h.faults = among(test.faults...)
		if got := h.whyLost(record.Loss{Shard: 0, Node: "a", FirstMS: 9000, LastMS: 9900, Count: 3}, failovers); got.Cause != test.want {
			t.Errorf("%s: %s, want %s", name, got.Cause, test.want)
		}
	}
}

// Of acked writes that could not be read back nobody knows whether they are lost: nothing
// that follows from that is measured, and no expectation about it holds.
func TestUnverifiedWritesAreNotKnownToBeThere(t *testing.T) {
	for _, lost := range []int64{0, 2} {
		events := aFailover()
		for _, e := range events {
			if v, ok := e.Data.(*record.Verified); ok {
				n := int64(0)
				v.Checked, v.Unverified, v.Lost, v.Duplicated, v.OutOfOrder, v.Error = 50, 40, lost, &n, &n, "no master"
				if lost == 0 {
					v.LossWindowMS = nil
				}
			}
		}
		s := oneFault()
		for _, name := range []string{"lost_writes", "lost_ratio", "loss_window", "duplicated", "out_of_order", "evicted", "expired"} {
			for _, bound := range []string{"<= 100000", ">= 0"} {
				switch name {
				case "lost_ratio":
					bound = bound[:3] + "1"
				case "loss_window":
					bound += "ms"
				}
				e, err := scenarios.ParseExpectation(name, bound)
				if err != nil {
					t.Fatal(err)
				}
				s.Expect = append(s.Expect, e)
			}
		}
		s.Expect = append(s.Expect, scenarios.Expectation{Metric: scenarios.Metric{Name: "loss_causes", Unit: scenarios.UnitCauses}})
		r := Analyze(s, events)
		for _, e := range r.Expectations {
			if e.OK || e.Got != nil || e.Reason.Count != 40 || e.Reason.Of != 90 {
				t.Errorf("%+v", e)
			}
		}
		for _, w := range []Writes{r.Writes, r.Workloads[0].Writes} {
			if w.Lost != nil || w.LostRatio != nil || w.UnackedApplied != nil || w.Duplicated != nil || w.LostAtLeast == nil || *w.LostAtLeast != lost {
				t.Errorf("%+v", w)
			}
		}
	}
}

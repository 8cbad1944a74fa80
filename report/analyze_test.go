package report

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// at makes an event.
func at(ms float64, d record.Data) record.Event { return record.Event{MS: ms, Data: d} }

// started opens a record of a 3×1 cluster whose shard 0 is led by a, with
// replica a2, and so on.
func started() record.Event {
	return at(0, &record.RunStarted{
		ID: "run-1", Scenario: "s", Started: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Masters: 3, Replicas: 1,
		Shards: []record.Shard{
			{Shard: 0, Slots: "0-5460", Master: "a", Replicas: []string{"a2"}},
			{Shard: 1, Slots: "5461-10922", Master: "b", Replicas: []string{"b2"}},
			{Shard: 2, Slots: "10923-16383", Master: "c", Replicas: []string{"c2"}},
		},
	})
}

func owner(ms float64, observer, owner string, epoch int64) record.Event {
	return at(ms, &record.SlotOwner{Observer: observer, Shard: 0, Owner: owner, Epoch: epoch})
}

func ack(from, until float64, node string, shard int) record.Event {
	return at(from, &record.Probe{Node: node, Shard: shard, Answer: record.ProbeAck, UntilMS: until, Count: 10})
}

// ofFault makes the fault of an index in a record one of a kind.
func ofFault(events []record.Event, index int, kind string) {
	for _, e := range events {
		if f, ok := e.Data.(*record.Fault); ok && f.Index == index {
			f.Kind = kind
		}
	}
}

// known is a fault with what its kind does.
func known(f Fault) Fault {
	f.Past, f.Effects = (&record.Fault{Kind: f.Kind, Detail: f.Detail}).Does()
	return f
}

func kill(phase record.FaultPhase, ms float64) record.Event {
	return at(ms, &record.Fault{Kind: "kill", Phase: phase, Targets: []string{"a"}, Shards: []int{0}})
}

// aFailover is a kill of a at 1000 ms: a2 is elected at 4000 ms.
func aFailover() []record.Event {
	events := []record.Event{
		started(),
		owner(10, "b", "a", 1), owner(10, "c", "a", 1), owner(10, "a2", "a", 1), owner(10, "a", "a", 1),
		ack(5, 1000, "a", 0), ack(5, 9000, "b", 1), ack(5, 3500, "c", 2), ack(4100, 9000, "c", 2),
		at(5, &record.Acks{Workload: "w", Shard: 0, Node: "a", UntilMS: 999, Count: 5}),
		kill(record.FaultRequested, 980), kill(record.FaultEffective, 1000),
		at(1010, &record.Reachable{Node: "a"}),
		at(3000, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "pfail"}),
		at(3499, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "a"}),
		at(3520, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "fail"}),
		at(3990, &record.Log{Node: "a2", Kind: record.LogElectionStarted}),
		at(4000, &record.Log{Node: "a2", Kind: record.LogElectionWon}),
		ack(4004, 9000, "a2", 0),
		owner(4020, "a2", "a2", 9), owner(4030, "b", "a2", 9), owner(4060, "c", "a2", 9),
		at(4500, &record.Acks{Workload: "w", Shard: 0, Node: "a2", UntilMS: 8000, Count: 50}),
		kill(record.FaultHealed, 6000),
		at(6050, &record.Reachable{Node: "a", OK: true}),
		owner(6060, "a", "a2", 9),
		at(6500, &record.Replication{Master: "a2", Replica: "a", InSync: true}),
		at(8000, &record.WorkloadDone{Name: "w", Kind: "set", EndMS: 8000, Attempted: 100, Acked: 90, Failed: 7, Indeterminate: 3}),
		at(8100, &record.Settled{OK: true}),
		at(8200, &record.Verified{Name: "w", Checked: 90, Lost: 2, LossWindowMS: &[2]float64{990, 999}, UnackedApplied: 1}),
		at(9001, &record.RunEnded{}),
	}
	return events
}

func oneFault() *scenarios.Scenario {
	return &scenarios.Scenario{Name: "s", Faults: []scenarios.Fault{{Kind: "kill"}}, Workloads: []scenarios.Workload{{Name: "w"}},
		Observe: scenarios.Observe{Probes: scenarios.DefaultProbes, Topology: scenarios.DefaultTopology}}
}

func show(ms *float64) string {
	if ms == nil {
		return "null"
	}
	return fmt.Sprint(*ms)
}

func TestFailoverPhases(t *testing.T) {
	r := Analyze(oneFault(), aFailover())
	if r.Verdict != Pass || len(r.Failovers) != 1 {
		t.Fatalf("%s (%s): %+v", r.Verdict, r.Error, r.Failovers)
	}
	f := r.Failovers[0]
	if f.OldMaster != "a" || f.NewMaster != "a2" || *f.Fault != 0 || f.Reasons != nil {
		t.Errorf("%+v", f)
	}
	for name, figure := range map[string]struct {
		got  *float64
		want string
	}{
		"at":              {f.AtMS, "4000"},
		"pfail":           {f.PFailMS, "2000"},
		"fail":            {f.FailMS, "2499"}, // the log is before the observers
		"election":        {f.ElectionMS, "2990"},
		"promoted":        {f.PromotedMS, "3000"},
		"first write":     {f.FirstWriteMS, "3004"},
		"client recovery": {f.ClientRecoveryMS, "3500"},
		"converged":       {f.ConvergedMS, "3060"}, // without a, which cannot be reached
		"redundant":       {f.RedundantMS, "5500"},
		"split brain":     {f.SplitBrainMS, "0"},
		"shard 0 down":    {r.Shards[0].UnavailableMS, "3004"},
		"shard 1 down":    {r.Shards[1].UnavailableMS, "0"},
		"shard 2 down":    {r.Shards[2].UnavailableMS, "600"},
		"workload's own":  {r.Workloads[0].ClientRecoveryMS, "3500"},
		"clients' gap":    {r.Shards[0].ClientGapMS, "3501"},
		"no writes there": {r.Shards[1].ClientGapMS, "null"},
	} {
		if got := show(figure.got); got != figure.want {
			t.Errorf("%s: %s ms, want %s", name, got, figure.want)
		}
	}
	w := r.Writes
	if w.Attempted != 100 || w.Acked != 90 || *w.Lost != 2 || *w.UnackedApplied != 1 || *w.LossWindowMS != [2]float64{990, 999} || *w.LostRatio != 2.0/90 {
		t.Errorf("%+v", w)
	}
	if r.Shards[0].Collateral || !r.Shards[1].Collateral || !*r.Recovered {
		t.Errorf("%+v, recovered %v", r.Shards, *r.Recovered)
	}
}

// Whatever is missing from a record leaves its figure null, with the reason.
func TestUnmeasuredFiguresAreNull(t *testing.T) {
	without := func(drop func(record.Data) bool) *Result {
		var kept []record.Event
		for _, e := range aFailover() {
			if !drop(e.Data) {
				kept = append(kept, e)
			}
		}
		return Analyze(oneFault(), kept)
	}
	r := without(func(d record.Data) bool { _, is := d.(*record.Log); return is })
	f := r.Failovers[0]
	if f.ElectionMS != nil || f.Reasons["election_ms"] != (Reason{Why: WhyNoLog, Node: "a2"}) || show(f.FailMS) != "2520" || f.PromotedMS != nil {
		t.Errorf("without logs: %+v", f)
	}
	f = without(func(d record.Data) bool { _, is := d.(*record.Probe); return is }).Failovers[0]
	if f.FirstWriteMS != nil || f.SplitBrainMS != nil || len(f.Reasons) != 2 {
		t.Errorf("without probes: %+v", f)
	}
	f = without(func(d record.Data) bool { _, is := d.(*record.Replication); return is }).Failovers[0]
	if f.RedundantMS != nil || f.Reasons["redundant_ms"].Why != WhyNotInSync {
		t.Errorf("never redundant again: %+v", f)
	}
	r = without(func(d record.Data) bool { _, is := d.(*record.Verified); return is })
	if r.Writes.Lost != nil || r.Workloads[0].Writes.Lost != nil || r.Writes.LostRatio != nil {
		t.Errorf("not verified: %+v", r.Writes)
	}
}

func TestFalseFailover(t *testing.T) {
	var events []record.Event
	for _, e := range aFailover() {
		if _, is := e.Data.(*record.Fault); !is {
			events = append(events, e)
		}
	}
	r := Analyze(&scenarios.Scenario{Name: "s", Workloads: []scenarios.Workload{{Name: "w"}}}, events)
	f := r.Failovers[0]
	if f.Fault != nil || f.FirstWriteMS != nil || f.Reasons["first_write_ms"] != (Reason{Why: WhyNoFault, Node: "a"}) || show(f.AtMS) != "4000" {
		t.Errorf("%+v", f)
	}
	if len(r.Notices) != 1 || r.Notices[0].Kind != NoticeFalseFailover {
		t.Errorf("%+v", r.Notices)
	}
}

// Late news of an old owner is not a failover back.
func TestLateNewsIsNoFailover(t *testing.T) {
	events := append(aFailover(), owner(4100, "c2", "a", 1), owner(4300, "c2", "a2", 9))
	if r := Analyze(oneFault(), events); len(r.Failovers) != 1 {
		t.Errorf("%+v", r.Failovers)
	}
}

func TestSplitBrain(t *testing.T) {
	events := append(aFailover(), ack(4100, 4350, "a", 0))
	if f := Analyze(oneFault(), events).Failovers[0]; show(f.SplitBrainMS) != "250" {
		t.Errorf("split brain %s ms, want 250", show(f.SplitBrainMS))
	}
}

// A shard that never comes back is unavailable up to the end.
func TestUnavailableToTheEnd(t *testing.T) {
	events := []record.Event{started(), ack(0, 1000, "a", 0), ack(0, 9000, "b", 1), ack(0, 8999, "c", 2), at(9001, &record.RunEnded{})}
	r := Analyze(&scenarios.Scenario{}, events)
	if got := show(r.Shards[0].UnavailableMS); got != "8000" {
		t.Errorf("shard 0: %s ms, want 8000", got)
	}
	if got := show(r.Shards[2].UnavailableMS); got != "0" {
		t.Errorf("shard 2: %s ms, want 0", got)
	}
}

// That every shard stopped at once is no reason to count less: probes went on.
func TestTotalOutageToTheEnd(t *testing.T) {
	refused := func(node string, shard int) record.Event {
		return at(1000, &record.Probe{Node: node, Shard: shard, Answer: "misconf", UntilMS: 9000, Count: 800})
	}
	events := []record.Event{started(), ack(0, 1000, "a", 0), ack(0, 1000, "b", 1), ack(0, 1000, "c", 2),
		refused("a", 0), refused("b", 1), refused("c", 2), at(9001, &record.RunEnded{})}
	for _, s := range Analyze(&scenarios.Scenario{}, events).Shards {
		if got := show(s.UnavailableMS); got != "8000" {
			t.Errorf("shard %d: %s ms, want 8000", s.Shard, got)
		}
	}
}

// A later failover's figures are its own: a2 is replaced by a, and then has a replica
// and acks writes beside a.
func TestAFailoverEndsWhereTheNextBegins(t *testing.T) {
	events := append(aFailover(),
		owner(7000, "b", "a", 10), owner(7001, "c", "a", 10), owner(7002, "a", "a", 10), owner(7003, "a2", "a", 10),
		ack(7100, 7400, "a", 0), at(7500, &record.Replication{Master: "a2", Replica: "a", InSync: true}))
	events = slices.DeleteFunc(events, func(e record.Event) bool {
		r, ok := e.Data.(*record.Replication)
		return ok && r.Master == "a2" && e.MS < 7000
	})
	r := Analyze(oneFault(), events)
	if len(r.Failovers) != 2 {
		t.Fatalf("%+v", r.Failovers)
	}
	if f := r.Failovers[0]; show(f.SplitBrainMS) != "0" || f.RedundantMS != nil {
		t.Errorf("split brain %s ms, redundant %s ms; want 0 and null", show(f.SplitBrainMS), show(f.RedundantMS))
	}
}

// What the run did not get to is named all the same.
func TestAFaultThatWasNotReachedIsNamed(t *testing.T) {
	r := told(oneFault(), []record.Event{started(), at(500, &record.RunEnded{Interrupted: true})})
	if story := Story(r); len(story) != 2 || story[0] != "The fault kill was not reached." {
		t.Errorf("%q", story)
	}
}

func TestHeadlineCountsInWordsThatAgree(t *testing.T) {
	for want, expectations := range map[string][]Expectation{
		"PASS: s ran to its end; it expects nothing": nil,
		"PASS: s, the expectation held":              {{OK: true}},
		"PASS: s, all 2 expectations held":           {{OK: true}, {OK: true}},
		"FAIL: s, the expectation did not hold":      {{}},
		"FAIL: s, 1 of 2 expectations did not hold":  {{OK: true}, {}},
		"FAIL: s, 3 of 3 expectations did not hold":  {{}, {}, {}},
	} {
		r := &Result{Run: Run{Scenario: "s"}, Verdict: Pass, Expectations: expectations}
		if strings.HasPrefix(want, "FAIL") {
			r.Verdict = Fail
		}
		if got := Headline(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestVerdictOfRunsThatDidNotEnd(t *testing.T) {
	if r := Analyze(oneFault(), nil); r.Verdict != Error {
		t.Errorf("an empty record: %s", r.Verdict)
	}
	all := aFailover()
	cut := Analyze(oneFault(), all[:12])
	if cut.Verdict != Error || cut.Error != "the record ends before the run does" || cut.Recovered != nil || len(cut.Failovers) != 0 {
		t.Errorf("a cut record: %s %q %v", cut.Verdict, cut.Error, cut.Failovers)
	}
	all[len(all)-1] = at(9001, &record.RunEnded{Interrupted: true})
	if r := Analyze(oneFault(), all); r.Verdict != Error || r.Error != "the run was interrupted" {
		t.Errorf("interrupted: %s %q", r.Verdict, r.Error)
	}
}

// What some workloads cannot tell is the sum of what the others can, and null if
// none can.
func TestDuplicatesAreOfThoseWhoCanTell(t *testing.T) {
	duplicated, outOfOrder := int64(3), int64(1)
	s := &scenarios.Scenario{Workloads: []scenarios.Workload{{Name: "w"}, {Name: "z"}}}
	for _, name := range []string{"duplicated", "out_of_order"} {
		e, err := scenarios.ParseExpectation(name, "0")
		if err != nil {
			t.Fatal(err)
		}
		s.Expect = append(s.Expect, e)
	}
	for _, can := range []bool{true, false} {
		told := &record.Verified{Name: "z"}
		if can {
			told.Duplicated, told.OutOfOrder = &duplicated, &outOfOrder
		}
		r := Analyze(s, []record.Event{
			started(),
			at(8000, &record.WorkloadDone{Name: "w", Kind: "set", EndMS: 8000}), at(8000, &record.WorkloadDone{Name: "z", EndMS: 8000}),
			at(8100, &record.Verified{Name: "w"}), at(8100, told),
			at(8200, &record.RunEnded{}),
		})
		if got := r.Workloads[0].Writes; got.Duplicated != nil || got.OutOfOrder != nil {
			t.Errorf("the set: %+v", got)
		}
		for name, got := range map[string]Writes{"the list": r.Workloads[1].Writes, "all": r.Writes} {
			if (got.Duplicated != nil) != can || can && (*got.Duplicated != 3 || *got.OutOfOrder != 1) {
				t.Errorf("%s: %+v", name, got)
			}
		}
		for i, want := range []string{"3", "1"} {
			if !can {
				want = "unread"
			}
			if got := r.Expectations[i]; got.OK || found(got) != want {
				t.Errorf("%+v, want %s", got, want)
			}
		}
		want := []Notice{{Kind: NoticeDuplicated, Workload: "z", Count: 3}, {Kind: NoticeOutOfOrder, Workload: "z", Count: 1}}
		if !can {
			want = nil
		}
		if !reflect.DeepEqual(r.Notices, want) {
			t.Errorf("%+v, want %+v", r.Notices, want)
		}
	}
}

// A window of losses is that of all of them, or of none.
func TestUndatedLossesHaveNoWindow(t *testing.T) {
	e, err := scenarios.ParseExpectation("loss_window", "<= 1s")
	if err != nil {
		t.Fatal(err)
	}
	s := &scenarios.Scenario{Workloads: []scenarios.Workload{{Name: "w"}, {Name: "z"}}, Expect: []scenarios.Expectation{e}}
	for lost, want := range map[int64]string{0: "9", 3: "undated"} {
		r := Analyze(s, []record.Event{
			started(),
			at(8000, &record.WorkloadDone{Name: "w", Kind: "set", EndMS: 8000}), at(8000, &record.WorkloadDone{Name: "z", Kind: "counter", EndMS: 8000}),
			at(8100, &record.Verified{Name: "w", Lost: 2, LossWindowMS: &[2]float64{990, 999}}), at(8100, &record.Verified{Name: "z", Lost: lost}),
			at(8200, &record.RunEnded{}),
		})
		if got := r.Expectations[0]; found(got) != want || got.OK != (lost == 0) || *r.Writes.Lost != 2+lost {
			t.Errorf("%d lost: %+v", lost, got)
		}
	}
}

func TestExpectations(t *testing.T) {
	for _, test := range []struct {
		name, bound string
		ok          bool
		found       string
	}{
		{"failovers", "1", true, "1"},
		{"failover_time", "<= 3s", false, "3004"},
		{"failover_time", "<= 3004ms", true, "3004"},
		{"client_recovery", "< 3500ms", false, "3500"},
		{"unavailable", ">= 3s", true, "3004"},
		{"split_brain", "0s", true, "0"},
		{"lost_writes", "0", false, "2"},
		{"lost_ratio", "<= 3%", true, fmt.Sprint(2.0 / 90)},
		{"loss_window", "<= 9ms", true, "9"},
		{"recovered", "true", true, "true"},
	} {
		e, err := scenarios.ParseExpectation(test.name, test.bound)
		if err != nil {
			t.Fatal(err)
		}
		s := oneFault()
		s.Expect = []scenarios.Expectation{e}
		r := Analyze(s, aFailover())
		if got := r.Expectations[0]; got.OK != test.ok || found(got) != test.found || (r.Verdict == Pass) != test.ok {
			t.Errorf("%s %s: %+v, verdict %s", test.name, test.bound, got, r.Verdict)
		}
	}
}

// An expectation about something that was not measured does not hold.
func TestUnmeasuredExpectationFails(t *testing.T) {
	e, err := scenarios.ParseExpectation("failover_time", "<= 8s")
	if err != nil {
		t.Fatal(err)
	}
	r := Analyze(&scenarios.Scenario{Expect: []scenarios.Expectation{e}}, []record.Event{started(), at(1, &record.RunEnded{})})
	if got := r.Expectations[0]; got.OK || got.Got != nil || found(got) != "no_failover" || r.Verdict != Fail {
		t.Errorf("%+v", got)
	}
}

func TestNumbersForPeople(t *testing.T) {
	for ms, want := range map[float64]string{0: "0 ms", 0.417: "0.42 ms", 12: "12 ms", 999.6: "1.00 s", 6431: "6.43 s", 125_000: "2 m 5 s", -12: "-12 ms"} {
		if got := Duration(ms); got != want {
			t.Errorf("%v: %s, want %s", ms, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := Count(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

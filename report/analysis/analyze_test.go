package analysis

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

func TestFailoverPhases(t *testing.T) {
	r := Analyze(sample.OneFault(), sample.AFailover())
	if r.Verdict != report.Pass || len(r.Failovers) != 1 {
		t.Fatalf("%s (%s): %+v", r.Verdict, r.Error, r.Failovers)
	}
	f := r.Failovers[0]
	if f.OldMaster != "a" || f.NewMaster != "a2" || *f.Fault != 0 || f.Reasons != nil {
		t.Errorf("%+v", f)
	}
	for name, figure := range map[string]struct {
		got  *record.Millis
		want string
	}{
		"at":              {f.At, "4000"},
		"pfail":           {f.PFail, "2000"},
		"fail":            {f.Fail, "2499"}, // the log is before the observers
		"election":        {f.Election, "2990"},
		"promoted":        {f.Promoted, "3000"},
		"first write":     {f.FirstWrite, "3004"},
		"client recovery": {f.ClientRecovery, "3500"},
		"converged":       {f.Converged, "3060"}, // without a, which cannot be reached
		"redundant":       {f.Redundant, "5500"},
		"split brain":     {f.SplitBrain, "0"},
		"shard 0 down":    {r.Shards[0].Unavailable, "3004"},
		"shard 1 down":    {r.Shards[1].Unavailable, "0"},
		"shard 2 down":    {r.Shards[2].Unavailable, "600"},
		"workload's own":  {r.Workloads[0].ClientRecovery, "3500"},
		"clients' gap":    {r.Shards[0].ClientGap, "3501"},
		"no master":       {r.Shards[0].NoMaster, "521"}, // from 3499, when it is marked as failed, to 4020
		"nobody looked":   {r.Shards[1].NoMaster, "null"},
		"no writes there": {r.Shards[1].ClientGap, "null"},
	} {
		if got := sample.Show(figure.got); got != figure.want {
			t.Errorf("%s: %s ms, want %s", name, got, figure.want)
		}
	}
	w := r.Writes
	if w.Attempted != 100 || w.Acked != 90 || *w.Lost != 2 || *w.UnackedApplied != 1 || *w.LossWindow != [2]record.Millis{990, 999} || *w.LostRatio != 2.0/90 {
		t.Errorf("%+v", w)
	}
	if r.Shards[0].Collateral || !r.Shards[1].Collateral || !*r.Recovered {
		t.Errorf("%+v, recovered %v", r.Shards, *r.Recovered)
	}
}

// Whatever is missing from a record leaves its figure null, with the reason.
func TestUnmeasuredFiguresAreNull(t *testing.T) {
	without := func(drop func(record.Data) bool) *report.Result {
		var kept []record.Event
		for _, e := range sample.AFailover() {
			if !drop(e.Data) {
				kept = append(kept, e)
			}
		}
		return Analyze(sample.OneFault(), kept)
	}
	r := without(func(d record.Data) bool { _, is := d.(*record.Log); return is })
	f := r.Failovers[0]
	if f.Election != nil || f.Reasons["election_ms"] != (report.Reason{Why: report.WhyNoLog, Node: "a2"}) || sample.Show(f.Fail) != "2520" || f.Promoted != nil {
		t.Errorf("without logs: %+v", f)
	}
	f = without(func(d record.Data) bool { _, is := d.(*record.Probe); return is }).Failovers[0]
	if f.FirstWrite != nil || f.SplitBrain != nil || len(f.Reasons) != 2 {
		t.Errorf("without probes: %+v", f)
	}
	f = without(func(d record.Data) bool { _, is := d.(*record.Replication); return is }).Failovers[0]
	if f.Redundant != nil || f.Reasons["redundant_ms"].Why != report.WhyNotInSync {
		t.Errorf("never redundant again: %+v", f)
	}
	r = without(func(d record.Data) bool { _, is := d.(*record.Verified); return is })
	if r.Writes.Lost != nil || r.Workloads[0].Writes.Lost != nil || r.Writes.LostRatio != nil {
		t.Errorf("not verified: %+v", r.Writes)
	}
}

func TestFalseFailover(t *testing.T) {
	var events []record.Event
	for _, e := range sample.AFailover() {
		if _, is := e.Data.(*record.Fault); !is {
			events = append(events, e)
		}
	}
	r := Analyze(&scenarios.Scenario{Name: "s", Workloads: []scenarios.Workload{{Name: "w"}}}, events)
	f := r.Failovers[0]
	if f.Fault != nil || f.FirstWrite != nil || f.Reasons["first_write_ms"] != (report.Reason{Why: report.WhyNoFault, Node: "a"}) || sample.Show(f.At) != "4000" {
		t.Errorf("%+v", f)
	}
	if len(r.Notices) != 1 || r.Notices[0].Kind != report.NoticeFalseFailover {
		t.Errorf("%+v", r.Notices)
	}
}

// Late news of an old owner is not a failover back.
func TestLateNewsIsNoFailover(t *testing.T) {
	events := append(sample.AFailover(), sample.Owner(4100, "c2", "a", 1), sample.Owner(4300, "c2", "a2", 9))
	if r := Analyze(sample.OneFault(), events); len(r.Failovers) != 1 {
		t.Errorf("%+v", r.Failovers)
	}
}

func TestSplitBrain(t *testing.T) {
	events := append(sample.AFailover(), sample.Ack(4100, 4350, "a", 0))
	if f := Analyze(sample.OneFault(), events).Failovers[0]; sample.Show(f.SplitBrain) != "250" {
		t.Errorf("split brain %s ms, want 250", sample.Show(f.SplitBrain))
	}
}

// A shard that never comes back is unavailable up to the end.
func TestUnavailableToTheEnd(t *testing.T) {
	events := []record.Event{sample.Started(), sample.Ack(0, 1000, "a", 0), sample.Ack(0, 9000, "b", 1), sample.Ack(0, 8999, "c", 2), sample.At(9001, &record.RunEnded{})}
	r := Analyze(&scenarios.Scenario{}, events)
	if got := sample.Show(r.Shards[0].Unavailable); got != "8000" {
		t.Errorf("shard 0: %s ms, want 8000", got)
	}
	if got := sample.Show(r.Shards[2].Unavailable); got != "0" {
		t.Errorf("shard 2: %s ms, want 0", got)
	}
}

// That every shard stopped at once is no reason to count less: probes went on.
func TestTotalOutageToTheEnd(t *testing.T) {
	refused := func(node string, shard int) record.Event {
		return sample.At(1000, &record.Probe{Node: node, Shard: shard, Answer: "misconf", Until: 9000, Count: 800})
	}
	events := []record.Event{sample.Started(), sample.Ack(0, 1000, "a", 0), sample.Ack(0, 1000, "b", 1), sample.Ack(0, 1000, "c", 2),
		refused("a", 0), refused("b", 1), refused("c", 2), sample.At(9001, &record.RunEnded{})}
	for _, s := range Analyze(&scenarios.Scenario{}, events).Shards {
		if got := sample.Show(s.Unavailable); got != "8000" {
			t.Errorf("shard %d: %s ms, want 8000", s.Shard, got)
		}
	}
}

// A later failover's figures are its own: a2 is replaced by a, and then has a replica
// and acks writes beside a.
func TestAFailoverEndsWhereTheNextBegins(t *testing.T) {
	events := append(sample.AFailover(),
		sample.Owner(7000, "b", "a", 10), sample.Owner(7001, "c", "a", 10), sample.Owner(7002, "a", "a", 10), sample.Owner(7003, "a2", "a", 10),
		sample.Ack(7100, 7400, "a", 0), sample.At(7500, &record.Replication{Master: "a2", Replica: "a", InSync: true}))
	events = slices.DeleteFunc(events, func(e record.Event) bool {
		r, ok := e.Data.(*record.Replication)
		return ok && r.Master == "a2" && e.At < 7000
	})
	r := Analyze(sample.OneFault(), events)
	if len(r.Failovers) != 2 {
		t.Fatalf("%+v", r.Failovers)
	}
	if f := r.Failovers[0]; sample.Show(f.SplitBrain) != "0" || f.Redundant != nil {
		t.Errorf("split brain %s ms, redundant %s ms; want 0 and null", sample.Show(f.SplitBrain), sample.Show(f.Redundant))
	}
}

func TestVerdictOfRunsThatDidNotEnd(t *testing.T) {
	if r := Analyze(sample.OneFault(), nil); r.Verdict != report.Error {
		t.Errorf("an empty record: %s", r.Verdict)
	}
	all := sample.AFailover()
	cut := Analyze(sample.OneFault(), all[:12])
	if cut.Verdict != report.Error || cut.Error != "the record ends before the run does" || cut.Recovered != nil || len(cut.Failovers) != 0 {
		t.Errorf("a cut record: %s %q %v", cut.Verdict, cut.Error, cut.Failovers)
	}
	all[len(all)-1] = sample.At(9001, &record.RunEnded{Interrupted: true})
	if r := Analyze(sample.OneFault(), all); r.Verdict != report.Error || r.Error != "the run was interrupted" {
		t.Errorf("interrupted: %s %q", r.Verdict, r.Error)
	}
}

// What some workloads cannot tell is the sum of what the others can, and null if
// none can.
func TestDuplicatesAreOfThoseWhoCanTell(t *testing.T) {
	duplicated, outOfOrder := int64(3), int64(1)
	s := &scenarios.Scenario{Workloads: []scenarios.Workload{{Name: "w"}, {Name: "z"}}}
	for _, name := range []string{"duplicated", "out_of_order"} {
		e, err := expect.Parse(name, "0")
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
			sample.Started(),
			sample.At(8000, &record.WorkloadDone{Name: "w", Kind: "set", End: 8000}), sample.At(8000, &record.WorkloadDone{Name: "z", End: 8000}),
			sample.At(8100, &record.Verified{Name: "w"}), sample.At(8100, told),
			sample.At(8200, &record.RunEnded{}),
		})
		if got := r.Workloads[0].Writes; got.Duplicated != nil || got.OutOfOrder != nil {
			t.Errorf("the set: %+v", got)
		}
		for name, got := range map[string]report.Writes{"the list": r.Workloads[1].Writes, "all": r.Writes} {
			if (got.Duplicated != nil) != can || can && (*got.Duplicated != 3 || *got.OutOfOrder != 1) {
				t.Errorf("%s: %+v", name, got)
			}
		}
		for i, want := range []string{"3", "1"} {
			if !can {
				want = "unread"
			}
			if got := r.Expectations[i]; got.OK || sample.Found(got) != want {
				t.Errorf("%+v, want %s", got, want)
			}
		}
		want := []report.Notice{{Kind: report.NoticeDuplicated, Workload: "z", Count: 3}, {Kind: report.NoticeOutOfOrder, Workload: "z", Count: 1}}
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
	e, err := expect.Parse("loss_window", "<= 1s")
	if err != nil {
		t.Fatal(err)
	}
	s := &scenarios.Scenario{Workloads: []scenarios.Workload{{Name: "w"}, {Name: "z"}}, Expect: []expect.Expectation{e}}
	for lost, want := range map[int64]string{0: "9", 3: "undated"} {
		r := Analyze(s, []record.Event{
			sample.Started(),
			sample.At(8000, &record.WorkloadDone{Name: "w", Kind: "set", End: 8000}), sample.At(8000, &record.WorkloadDone{Name: "z", Kind: "counter", End: 8000}),
			sample.At(8100, &record.Verified{Name: "w", Lost: 2, LossWindow: &[2]record.Millis{990, 999}}), sample.At(8100, &record.Verified{Name: "z", Lost: lost}),
			sample.At(8200, &record.RunEnded{}),
		})
		if got := r.Expectations[0]; sample.Found(got) != want || got.OK != (lost == 0) || *r.Writes.Lost != 2+lost {
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
		e, err := expect.Parse(test.name, test.bound)
		if err != nil {
			t.Fatal(err)
		}
		s := sample.OneFault()
		s.Expect = []expect.Expectation{e}
		r := Analyze(s, sample.AFailover())
		if got := r.Expectations[0]; got.OK != test.ok || sample.Found(got) != test.found || (r.Verdict == report.Pass) != test.ok {
			t.Errorf("%s %s: %+v, verdict %s", test.name, test.bound, got, r.Verdict)
		}
	}
}

// An expectation about something that was not measured does not hold.
func TestUnmeasuredExpectationFails(t *testing.T) {
	e, err := expect.Parse("failover_time", "<= 8s")
	if err != nil {
		t.Fatal(err)
	}
	r := Analyze(&scenarios.Scenario{Expect: []expect.Expectation{e}}, []record.Event{sample.Started(), sample.At(1, &record.RunEnded{})})
	if got := r.Expectations[0]; got.OK || got.Got != nil || sample.Found(got) != "no_failover" || r.Verdict != report.Fail {
		t.Errorf("%+v", got)
	}
}

package analysis

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// pauses is a fault of a2 in its three phases.
func pauses(index, number int, at record.Millis) (events []record.Event) {
	for i, phase := range []record.FaultPhase{record.FaultRequested, record.FaultEffective, record.FaultHealed} {
		events = append(events, sample.At(at+record.Millis(10*i), &record.Fault{Index: index, Occurrence: number, Due: new(at - 1), Kind: "pause", Phase: phase, Targets: []string{"a2"}}))
	}
	return events
}

// Each occurrence of a step is a fault of the result, in the order of the steps, whatever the order of
// the record; and the step of each is told.
func TestOccurrences(t *testing.T) {
	s := sample.ScenarioOf("pause", "kill", "pause", "stop")
	s.Faults[2].Name = "late"
	var events []record.Event
	for _, number := range []int{2, 1, 3} {
		events = append(events, pauses(0, number, record.Millis(7000+100*number))...)
	}
	kill := sample.AFailover()
	for _, e := range kill {
		if f, ok := e.Data.(*record.Fault); ok {
			f.Index = 1
		}
	}
	events = append(append(events, pauses(2, 0, 7700)...), kill...)
	r := Analyze(s, events)
	var got []string
	for i, f := range r.Faults {
		step := report.Step{Index: f.StepIndex(i)}
		if f.Step != nil {
			step = *f.Step
		}
		got = append(got, fmt.Sprintf("%s %v %s", f.Kind, step, sample.Show(f.Effective)))
	}
	want := []string{"pause {0  1} 7110", "pause {0  2} 7210", "pause {0  3} 7310", "kill {1  0} 1000", "pause {2 late 0} 7710", "stop {3  0} null"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if o := r.Failovers[0]; o.Fault == nil || *o.Fault != 3 {
		t.Errorf("the failover is of %v", o.Fault)
	}
	if due := r.Faults[0].Due; due == nil || *due != 7099 {
		t.Errorf("due at %v", due)
	}
}

// A run without a step that it needs is an error, unless it failed anyway.
func TestSkippedSteps(t *testing.T) {
	for _, c := range []struct {
		needed    bool
		failovers float64
		want      report.Verdict
		why       string
	}{
		{false, 1, report.Pass, ""},
		{true, 1, report.Error, "faults[1] (pause) was skipped: it did not come about"},
		{true, 2, report.Fail, ""},
	} {
		s := sample.ScenarioOf("kill", "pause")
		s.Expect = expect.List{{Metric: figure(t, "failovers"), Op: "==", Value: c.failovers}}
		r := Analyze(s, append([]record.Event{sample.At(5000, &record.Fault{Index: 1, Kind: "pause", Phase: record.FaultSkipped, Error: "it did not come about", Needed: c.needed})}, sample.AFailover()...))
		if r.Verdict != c.want || r.Error != c.why || r.Faults[1].Skipped == "" {
			t.Errorf("needed %v, %v failovers expected: %s %q %+v", c.needed, c.failovers, r.Verdict, r.Error, r.Faults[1])
		}
	}
}

// figure is a figure by its name.
func figure(t *testing.T, name string) expect.Metric {
	for _, m := range expect.Metrics() {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("there is no figure %s", name)
	return expect.Metric{}
}

// A fault that was late because this program was not run is told of by when it was due.
func TestLateOccurrence(t *testing.T) {
	s := &scenarios.Scenario{Faults: []scenarios.Fault{{Kind: "pause", After: &scenarios.After{Step: "x"}}}, Observe: scenarios.Observe{Probes: scenarios.DefaultProbes}}
	events := append(sample.AFailover(), sample.At(7900, &record.Starved{For: 900}))
	for _, due := range []record.Millis{7500, 6000} {
		more := pauses(0, 0, 7950)
		for _, e := range more {
			e.Data.(*record.Fault).Due = &due
		}
		r := Analyze(s, append(events, more...))
		late := slices.ContainsFunc(r.Notices, func(n report.Notice) bool { return n.Kind == report.NoticeInjectedLate && *n.For == 7950-due })
		if late != (due == 7500) {
			t.Errorf("due at %v: %+v", due, r.Notices)
		}
	}
}

package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// lasting is a fault from a moment to another; 0: it was not healed.
func lasting(from, to float64) Fault {
	f := Fault{Kind: "kill", EffectiveMS: &from}
	if to > 0 {
		f.HealedMS = &to
	}
	return f
}

// momentary is the settings of a fault that is over once it is done.
type momentary struct{}

func (momentary) Check(scenarios.Cluster) error { return nil }
func (momentary) Momentary()                    {}

// written is phases as text.
func written(phases []LatencyPhase) string {
	var all []string
	for _, p := range phases {
		name := p.Phase
		if p.Fault != nil {
			name += fmt.Sprintf(" %d", *p.Fault)
		}
		all = append(all, fmt.Sprintf("%s %.0f-%.0f: %d/%d, %s", name, p.FromMS, p.ToMS, p.Count, p.Due, show(p.Max)))
	}
	return strings.Join(all, "; ")
}

// A workload ran from 500 ms to 10 s, and in each second one write was acked, of
// 100 that were due; it took as many ms as the number of the second.
func TestLatencyPhases(t *testing.T) {
	var events []record.Event
	for second := range int64(10) {
		events = append(events, latencies(t, max(float64(second)*1000, 500), float64(second+1)*1000, "w", second))
	}
	for name, test := range map[string]struct {
		faults []Fault
		spec   scenarios.FaultSpec
		want   string
	}{
		"none":             {nil, nil, ""},
		"never took place": {[]Fault{{}}, nil, ""},
		"one, from 2.3 s to 6.6 s: the seconds 2 to 6": {[]Fault{lasting(2300, 6600)}, nil,
			"before 500-2300: 2/200, 1; during 0 2300-6600: 5/500, 6; after 6600-10000: 3/300, 9"},
		"from 2.7 s to 6.4 s: the seconds 3 to 5": {[]Fault{lasting(2700, 6400)}, nil,
			"before 500-2700: 3/300, 2; during 0 2700-6400: 3/300, 5; after 6400-10000: 4/400, 9"},
		"too short to be the larger part of a second": {[]Fault{lasting(2800, 3100)}, nil,
			"before 500-2800: 3/300, 2; during 0 2800-3100: 0/0, null; after 3100-10000: 7/700, 9"},
		"not healed": {[]Fault{lasting(4000, 0)}, nil,
			"before 500-4000: 4/400, 3; during 0 4000-10000: 6/600, 9"},
		"one after the other": {[]Fault{lasting(6000, 8000), lasting(2000, 4000)}, nil,
			"before 500-2000: 2/200, 1; during 1 2000-4000: 2/200, 3; between 4000-6000: 2/200, 5; during 0 6000-8000: 2/200, 7; after 8000-10000: 2/200, 9"},
		"at once: the second 4 is that of both": {[]Fault{lasting(2000, 5000), lasting(4000, 7000)}, nil,
			"before 500-2000: 2/200, 1; during 0 2000-5000: 3/300, 4; during 1 4000-7000: 3/300, 6; after 7000-10000: 3/300, 9"},
		"over at once": {[]Fault{lasting(2990, 0)}, momentary{},
			"before 500-2000: 2/200, 1; during 0 2000-3000: 1/100, 2; after 3000-10000: 7/700, 9"},
		"outside of the workload's time": {[]Fault{lasting(100, 400), lasting(10000, 11000)}, nil,
			"before 500-10000: 10/1000, 9"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Result{Faults: test.faults, Workloads: []Workload{{Name: "v"}, {Name: "w"}}}
			s := &scenarios.Scenario{Faults: make([]scenarios.Fault, len(test.faults))}
			for i := range s.Faults {
				s.Faults[i].Spec = test.spec
			}
			addLatencyPhases(r, s, events)
			got := r.Workloads[1].LatencyPhases
			for i := range got {
				if got[i].Max != nil { // the histogram's resolution is finer than a millisecond
					whole := float64(int(*got[i].Max))
					got[i].Max = &whole
				}
			}
			if written(got) != test.want {
				t.Errorf("got  %s\nwant %s", written(got), test.want)
			}
			if len(r.Workloads[0].LatencyPhases) > 0 {
				t.Error("a workload that has no latencies has phases")
			}
		})
	}
}

// Phases are in the reports, and say how many writes that were due were not acked.
func TestLatencyPhasesAreTold(t *testing.T) {
	events := aFailover()
	for second := range 8 {
		events = append(events, latencies(t, float64(second)*1000, float64(second+1)*1000, "w", 2, 2, 3))
	}
	events = append(events, at(8000, &record.LatencyInterval{Workload: "w", UntilMS: 8500, Count: 1, Histogram: "x"}))
	r := told(oneFault(), events)
	var out strings.Builder
	if err := WriteMarkdown(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## Latency before, during and after the faults",
		"| w | before | 0 ms – 1.00 s | 3 of 100 due | 2.00 ms | 3.00 ms |",
		"| w | **during kill** | 1.00 s – 6.00 s | 15 of 500 due | 2.00 ms | 3.00 ms |",
		"Workload w: the latencies of 1 second are damaged in the record, and left out.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

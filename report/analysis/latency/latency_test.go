package latency

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// momentary is the settings of a fault that is over once it is done.
type momentary struct{}

func (momentary) Check(scenarios.Cluster) error { return nil }

func (momentary) Momentary() {}

// A workload ran from 500 ms to 10 s, and in each second one write was acked, of
// 100 that were due; it took as many ms as the number of the second.
func TestLatencyPhases(t *testing.T) {
	var events []record.Event
	for second := range int64(10) {
		events = append(events, sample.Latencies(t, max(record.Millis(float64(second)*1000), 500), record.Millis(float64(second+1)*1000), "w", second))
	}
	for name, test := range map[string]struct {
		faults []report.Fault
		spec   scenarios.FaultSpec
		want   string
	}{
		"none":             {nil, nil, ""},
		"never took place": {[]report.Fault{{}}, nil, ""},
		"one, from 2.3 s to 6.6 s: the seconds 2 to 6": {[]report.Fault{sample.Lasting(2300, 6600)}, nil,
			"before 500-2300: 2/200, 1; during 0 2300-6600: 5/500, 6; after 6600-10000: 3/300, 9"},
		"from 2.7 s to 6.4 s: the seconds 3 to 5": {[]report.Fault{sample.Lasting(2700, 6400)}, nil,
			"before 500-2700: 3/300, 2; during 0 2700-6400: 3/300, 5; after 6400-10000: 4/400, 9"},
		"too short to be the larger part of a second": {[]report.Fault{sample.Lasting(2800, 3100)}, nil,
			"before 500-2800: 3/300, 2; during 0 2800-3100: 0/0, null; after 3100-10000: 7/700, 9"},
		"not healed": {[]report.Fault{sample.Lasting(4000, 0)}, nil,
			"before 500-4000: 4/400, 3; during 0 4000-10000: 6/600, 9"},
		"one after the other": {[]report.Fault{sample.Lasting(6000, 8000), sample.Lasting(2000, 4000)}, nil,
			"before 500-2000: 2/200, 1; during 1 2000-4000: 2/200, 3; between 4000-6000: 2/200, 5; during 0 6000-8000: 2/200, 7; after 8000-10000: 2/200, 9"},
		"at once: the second 4 is that of both": {[]report.Fault{sample.Lasting(2000, 5000), sample.Lasting(4000, 7000)}, nil,
			"before 500-2000: 2/200, 1; during 0 2000-5000: 3/300, 4; during 1 4000-7000: 3/300, 6; after 7000-10000: 3/300, 9"},
		"over at once": {[]report.Fault{sample.Lasting(2990, 0)}, momentary{},
			"before 500-2000: 2/200, 1; during 0 2000-3000: 1/100, 2; after 3000-10000: 7/700, 9"},
		"outside of the workload's time": {[]report.Fault{sample.Lasting(100, 400), sample.Lasting(10000, 11000)}, nil,
			"before 500-10000: 10/1000, 9"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report.Result{Faults: test.faults, Workloads: []report.Workload{{Name: "v"}, {Name: "w"}}}
			s := &scenarios.Scenario{Faults: make([]scenarios.Fault, len(test.faults))}
			for i := range s.Faults {
				s.Faults[i].Spec = test.spec
			}
			AddPhases(r, s, events)
			got := r.Workloads[1].LatencyPhases
			for i := range got {
				if got[i].Max != nil { // the histogram's resolution is finer than a millisecond
					whole := record.Millis(int(*got[i].Max))
					got[i].Max = &whole
				}
			}
			if sample.Written(got) != test.want {
				t.Errorf("got  %s\nwant %s", sample.Written(got), test.want)
			}
			if len(r.Workloads[0].LatencyPhases) > 0 {
				t.Error("a workload that has no latencies has phases")
			}
		})
	}
}

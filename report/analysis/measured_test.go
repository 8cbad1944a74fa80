package analysis

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A fault that did not do what was asked for is told of, with how long this program was not run meanwhile.
func TestFaultsThatDiffer(t *testing.T) {
	for name, test := range map[string]struct {
		mean  record.Millis
		more  []record.Event
		tells bool
		late  record.Millis
	}{
		"as asked for":    {mean: 105},
		"late":            {mean: 150, tells: true},
		"late for a load": {mean: 150, more: []record.Event{sample.At(2500, &record.Starved{For: 300}), sample.At(9500, &record.Starved{For: 300})}, tells: true, late: 300},
	} {
		healed := record.Fault{Kind: "latency", Phase: record.FaultHealed, Targets: []string{"a"}, Outcomes: []record.Outcome{{Node: "a", Measures: []record.Measure{
			{Did: record.DidDelay, Way: "out", Count: new(int64(500)), Of: new(int64(500)), Mean: &test.mean, Asked: record.Asked{Delay: new(record.Millis(100))}}}}}}
		events := append(sample.HitBy(0, "latency", "", 990, 1000, 8000), sample.At(8001, &healed))
		r := Analyze(sample.ScenarioOf("latency"), append(append(sample.AFailover(), events...), test.more...))
		if m := r.Faults[0].Measured; len(m) != 1 || m[0].Node != "a" || m[0].Differs != test.tells || r.Faults[0].Outcomes != nil {
			t.Errorf("%s: measured %+v, outcomes %+v", name, m, r.Faults[0].Outcomes)
		}
		var told []report.Notice
		for _, n := range r.Notices {
			if n.Kind == report.NoticeFaultDiffers {
				told = append(told, n)
			}
		}
		if (len(told) == 1) != test.tells || test.tells && (*told[0].Fault != 0 || report.OrZero(told[0].For) != test.late) {
			t.Errorf("%s: told %+v", name, told)
		}
	}
}

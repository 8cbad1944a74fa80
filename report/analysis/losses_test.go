package analysis

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Of acked writes that could not be read back nobody knows whether they are lost: nothing
// that follows from that is measured, and no expectation about it holds.
func TestUnverifiedWritesAreNotKnownToBeThere(t *testing.T) {
	for _, lost := range []int64{0, 2} {
		events := sample.AFailover()
		for _, e := range events {
			if v, ok := e.Data.(*record.Verified); ok {
				n := int64(0)
				v.Checked, v.Unverified, v.Lost, v.Duplicated, v.OutOfOrder, v.Error = 50, 40, lost, &n, &n, "no master"
				if lost == 0 {
					v.LossWindow = nil
				}
			}
		}
		s := sample.OneFault()
		for _, name := range []string{"lost_writes", "lost_ratio", "loss_window", "duplicated", "out_of_order", "evicted", "expired"} {
			for _, bound := range []string{"<= 100000", ">= 0"} {
				switch name {
				case "lost_ratio":
					bound = bound[:3] + "1"
				case "loss_window":
					bound += "ms"
				}
				e, err := expect.Parse(name, bound)
				if err != nil {
					t.Fatal(err)
				}
				s.Expect = append(s.Expect, e)
			}
		}
		s.Expect = append(s.Expect, expect.Expectation{Metric: expect.Metric{Name: "loss_causes", Unit: expect.UnitCauses}})
		r := Analyze(s, events)
		for _, e := range r.Expectations {
			if e.OK || e.Got != nil || e.Reason.Count != 40 || e.Reason.Of != 90 {
				t.Errorf("%+v", e)
			}
		}
		for _, w := range []report.Writes{r.Writes, r.Workloads[0].Writes} {
			if w.Lost != nil || w.LostRatio != nil || w.UnackedApplied != nil || w.Duplicated != nil || w.LostAtLeast == nil || *w.LostAtLeast != lost {
				t.Errorf("%+v", w)
			}
		}
	}
}

package figures

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Every figure by its name is one that is known, and what is told of a run that found nothing
// has a reason.
func TestEveryFigureHasAReason(t *testing.T) {
	names := slices.Concat(Moments(), Phases(), []string{Throughput})
	for _, m := range expect.Metrics() {
		if m.Unit != expect.UnitCauses {
			names = append(names, m.Name)
		}
	}
	for _, name := range names {
		m := Measure(name, &report.Result{})
		if m.Value == nil && (m.Reason.Why == "" || m.Reason.Why == report.WhyNoFigure) || m.Value != nil && math.IsNaN(float64(*m.Value)) {
			t.Errorf("%s: %+v", name, m)
		}
		if strings.Contains(name, " ") {
			t.Errorf("%q is no name", name)
		}
	}
}

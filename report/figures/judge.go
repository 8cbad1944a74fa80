// Package figures knows the figures of a result by their names, and holds expectations against
// them.
package figures

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Judge holds every expectation against what was measured. One whose figure was
// not measured does not hold. That there were no incidents is expected by itself.
func Judge(s *scenarios.Scenario, r *report.Result) []report.Expectation {
	judged := []report.Expectation{}
	ours := ours(r)
	for _, e := range s.Expect {
		judged = append(judged, judgeOne(e, ours))
	}
	if len(r.Incidents) > 0 && !r.TakesIncidents {
		judged = append(judged, report.Expectation{Name: IncidentsMetric, Want: "== 0", Got: int64(len(r.Incidents))})
	}
	return judged
}

func judgeOne(e expect.Expectation, r *report.Result) report.Expectation {
	j := report.Expectation{Name: e.Name(), Want: e.Want}
	if e.Workload != "" {
		one, ok := ofWorkload(r, e.Workload)
		if !ok {
			j.Reason = &report.Reason{Why: report.WhyUnfinished, Workload: e.Workload}
			return j
		}
		r = one
	}
	if e.Metric.Unit == expect.UnitCauses {
		judgeCauses(&j, e, r)
		return j
	}
	got, missing := metric(e.Metric.Name, r)
	if got != nil {
		j.OK, j.Got = e.Holds(*got), valueOf(*got, e.Metric.Unit)
		return j
	}
	if j.Between = metricBounds(e.Metric.Name, r); j.Between != nil {
		j.OK = e.Holds(float64(j.Between[0])) && e.Holds(float64(j.Between[1]))
		return j
	}
	j.Reason = &missing
	return j
}

// valueOf is a figure in its unit, for result.json.
func valueOf(v float64, unit expect.Unit) any {
	switch unit {
	case expect.UnitMillis, expect.UnitRatio:
		return v
	case expect.UnitBool:
		return v == 1
	default:
		return int64(v)
	}
}

package expect

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// ReadSet reads the mapping from figures to statistics to their bounds.
func (r *Reader) ReadSet(n *document.Node, expect *SetList) {
	if !r.Want(n, document.Mapping, "a mapping") {
		return
	}
	for _, f := range n.Fields {
		if f.Name == string(StatisticPassed) {
			r.statistic(f.Value, passed(), "", StatisticPassed, expect)
			continue
		}
		if near := []string{string(StatisticPassed)}; suggest.Closest(f.Name, near) != "" {
			r.At(f.Pos, "%s", suggest.Unknown("expectation", f.Name, near))
			continue
		}
		workload, metric, ok := r.figure(f)
		switch {
		case !ok:
		case metric.Unit == UnitCauses:
			r.Blame(f.Value, "causes have no statistics; write %s under expect, which every run is held against", f.Name)
		case f.Value.Kind == document.Mapping && len(f.Value.Fields) == 0:
			r.Blame(f.Value, "no statistic; write it like %s", exampleOf(metric))
		case f.Value.Kind != document.Mapping:
			r.Blame(f.Value, "%s where a statistic and its bound belong; write it like %s", f.Value.Describe(), exampleOf(metric))
		default:
			r.statistics(f.Value, metric, workload, expect)
		}
	}
}

func (r *Reader) statistics(n *document.Node, m Metric, workload string, expect *SetList) {
	var known []string
	for _, s := range Statistics() {
		known = append(known, string(s))
	}
	for _, f := range n.Fields {
		switch statistic := Statistic(f.Name); {
		case !slices.Contains(known, f.Name):
			r.At(f.Pos, "%s", suggest.Unknown("statistic", f.Name, known))
		case m.Unit == UnitBool && statistic != StatisticEvery:
			r.At(f.Pos, "%s is true or false, which has no %s; write {every: true}, or passed for a share of the runs", m.Name, f.Name)
		default:
			r.statistic(f.Value, m, workload, statistic, expect)
		}
	}
}

func (r *Reader) statistic(n *document.Node, m Metric, workload string, statistic Statistic, expect *SetList) {
	if !r.Want(n, document.Scalar, "a bound such as 0 or \"<= 8s\"") {
		return
	}
	e, err := parseSetExpectation(m, workload, statistic, n.Text)
	if err != nil {
		r.Blame(n, "%s", strings.TrimPrefix(err.Error(), e.Name()+": "))
		return
	}
	*expect = append(*expect, e)
}

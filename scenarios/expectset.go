package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// Statistic is what the runs of a set come to, of one figure.
type Statistic string

// The statistics that an expectation about a set can bound.
const (
	StatisticMedian Statistic = "median"
	StatisticP95    Statistic = "p95"
	StatisticMin    Statistic = "min"
	StatisticMax    Statistic = "max"
	StatisticMean   Statistic = "mean"
	// StatisticEvery: every run by itself must hold the bound.
	StatisticEvery Statistic = "every"
	// StatisticPassed is the share of runs whose own expectations all hold; of no figure.
	StatisticPassed Statistic = "passed"
)

// Statistics lists those of a figure.
func Statistics() []Statistic {
	return []Statistic{StatisticMedian, StatisticP95, StatisticMin, StatisticMax, StatisticMean, StatisticEvery}
}

// SetExpectation bounds a statistic of one metric over the runs of a set.
type SetExpectation struct {
	Expectation
	Statistic Statistic
}

// passed is the figure of StatisticPassed.
func passed() Metric {
	return Metric{Name: string(StatisticPassed), Unit: UnitRatio, MoreIsBetter: true}
}

// Title is the expectation in words: "p95 of failover_time".
func (e SetExpectation) Title() string {
	switch e.Statistic {
	case StatisticPassed:
		return "passed"
	case StatisticEvery:
		return e.Name() + " in every run"
	default:
		return fmt.Sprintf("%s of %s", e.Statistic, e.Name())
	}
}

// parseSetExpectation reads the bound of a statistic. Without an operator, it is the worst that
// the statistic may be; of every run, it is what it is in `expect`.
func parseSetExpectation(m Metric, workload string, statistic Statistic, bound string) (SetExpectation, error) {
	bare, fractions := m.worst(), statistic == StatisticMedian || statistic == StatisticMean
	if statistic == StatisticEvery && (m.Unit == UnitCount || m.Unit == UnitBool) {
		bare = "=="
	}
	e, err := parseBound(m, workload, bound, bare, fractions)
	return SetExpectation{Expectation: e, Statistic: statistic}, err
}

// decodeExpectSet reads the mapping from figures to statistics to their bounds.
func (d *decoder) decodeExpectSet(n *document.Node, expect *SetExpectations) {
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	for _, f := range n.Fields {
		if f.Name == string(StatisticPassed) {
			d.decodeStatistic(f.Value, passed(), "", StatisticPassed, expect)
			continue
		}
		if near := []string{string(StatisticPassed)}; suggest.Closest(f.Name, near) != "" {
			d.At(f.Pos, "%s", suggest.Unknown("expectation", f.Name, near))
			continue
		}
		workload, metric, ok := d.decodeFigure(f)
		switch {
		case !ok:
		case metric.Unit == UnitCauses:
			d.Blame(f.Value, "causes have no statistics; write %s under expect, which every run is held against", f.Name)
		case f.Value.Kind == document.Mapping && len(f.Value.Fields) == 0:
			d.Blame(f.Value, "no statistic; write it like %s", exampleOf(metric))
		case f.Value.Kind != document.Mapping:
			d.Blame(f.Value, "%s where a statistic and its bound belong; write it like %s", f.Value.Describe(), exampleOf(metric))
		default:
			d.decodeStatistics(f.Value, metric, workload, expect)
		}
	}
}

// exampleOf is how an expectation about a figure of a set is written.
func exampleOf(m Metric) string {
	switch {
	case m.Unit == UnitBool:
		return "{every: true}"
	case m.Unit == UnitMillis:
		return `{p95: "<= 8s"}`
	case m.Unit == UnitCount:
		return "{every: 0}"
	case m.MoreIsBetter:
		return `{median: ">= 99%"}`
	default:
		return `{median: "<= 1%"}`
	}
}

func (d *decoder) decodeStatistics(n *document.Node, m Metric, workload string, expect *SetExpectations) {
	var known []string
	for _, s := range Statistics() {
		known = append(known, string(s))
	}
	for _, f := range n.Fields {
		switch statistic := Statistic(f.Name); {
		case !slices.Contains(known, f.Name):
			d.At(f.Pos, "%s", suggest.Unknown("statistic", f.Name, known))
		case m.Unit == UnitBool && statistic != StatisticEvery:
			d.At(f.Pos, "%s is true or false, which has no %s; write {every: true}, or passed for a share of the runs", m.Name, f.Name)
		default:
			d.decodeStatistic(f.Value, m, workload, statistic, expect)
		}
	}
}

func (d *decoder) decodeStatistic(n *document.Node, m Metric, workload string, statistic Statistic, expect *SetExpectations) {
	if !d.Want(n, document.Scalar, "a bound such as 0 or \"<= 8s\"") {
		return
	}
	e, err := parseSetExpectation(m, workload, statistic, n.Text)
	if err != nil {
		d.Blame(n, "%s", strings.TrimPrefix(err.Error(), e.Name()+": "))
		return
	}
	*expect = append(*expect, e)
}

// checkExpectSet wants workloads that can judge what is expected of the runs.
func (d *decoder) checkExpectSet(root *document.Node, s *Scenario) {
	for _, e := range s.ExpectSet {
		if e.Statistic != StatisticPassed {
			d.checkJudged(root, root.Field("expect_set"), e.Expectation, s)
		}
	}
}

// SetExpectations are those of a set, in the order of the scenario.
type SetExpectations []SetExpectation

// MarshalNode implements codec.Marshaler.
func (all SetExpectations) MarshalNode() (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	for _, e := range all {
		if e.Statistic == StatisticPassed {
			n.Add(string(StatisticPassed), e.encodeBound(false))
			continue
		}
		statistics := n.Field(e.Name())
		if statistics == nil {
			statistics = &document.Node{Kind: document.Mapping}
			n.Add(e.Name(), statistics)
		}
		statistics.Add(string(e.Statistic), e.encodeBound(e.Statistic == StatisticEvery && e.Metric.Unit == UnitCount))
	}
	return n, nil
}

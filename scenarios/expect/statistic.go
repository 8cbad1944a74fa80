package expect

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
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

// SetExpectations are those of a set, in the order of the scenario.
type SetList []SetExpectation

// MarshalNode implements codec.Marshaler.
func (all SetList) MarshalNode() (*document.Node, error) {
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

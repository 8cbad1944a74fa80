// Package expect is what is expected of a run, and of a set of runs: bounds of figures, as scenarios
// write them.
package expect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Expectation bounds one metric: the run fails if it does not hold.
type Expectation struct {
	Metric Metric
	// Workload is the one that it is about; empty: all of them.
	Workload string
	Op       string // "<=", "<", ">=", ">", "=="
	// Value in the metric's unit: milliseconds, a count, a ratio, or 0/1.
	Value float64
	// Causes must each have been found, of a metric that is causes; with none, none may
	// have been.
	Causes []string
	// Want is the bound as a person reads it: "<= 8s", "master_down, full_coverage".
	Want string
}

// expectCauses is an expectation about causes.
func expectCauses(m Metric, workload string, causes []string) Expectation {
	want := strings.Join(causes, ", ")
	if len(causes) == 0 {
		want = "none"
	}
	return Expectation{Metric: m, Workload: workload, Causes: causes, Want: want}
}

// HoldsCauses tells whether the causes found satisfy the expectation.
func (e Expectation) HoldsCauses(found []string) bool {
	if len(e.Causes) == 0 {
		return len(found) == 0
	}
	return !slices.ContainsFunc(e.Causes, func(c string) bool { return !slices.Contains(found, c) })
}

// ofWorkload is how the name of an expectation about one workload begins:
// workloads.orders.lost_writes.
const ofWorkload = "workloads."

// Name is what the expectation is called in a scenario: lost_writes, or
// workloads.orders.lost_writes.
func (e Expectation) Name() string {
	if e.Workload == "" {
		return e.Metric.Name
	}
	return ofWorkload + e.Workload + "." + e.Metric.Name
}

// SplitName takes the name of an expectation apart; workload is empty where it is about
// all of them.
func SplitName(name string) (workload, metric string) {
	rest, of := strings.CutPrefix(name, ofWorkload)
	if i := strings.LastIndex(rest, "."); of && i >= 0 {
		return rest[:i], rest[i+1:]
	}
	return "", name
}

// Holds tells whether a measured value satisfies the expectation.
func (e Expectation) Holds(got float64) bool {
	switch e.Op {
	case "<=":
		return got <= e.Value
	case "<":
		return got < e.Value
	case ">=":
		return got >= e.Value
	case ">":
		return got > e.Value
	default:
		return got == e.Value
	}
}

// ParseExpectation reads the bound of a metric: "<= 8s", "> 0", "0", "true". Without
// an operator, a count or a truth value is what it must be, and a duration or a ratio
// is the worst that it may be: no measured one is ever exactly so long.
func Parse(name, bound string) (Expectation, error) {
	workload, metric := SplitName(name)
	m, err := metricNamed(metric)
	if err != nil {
		return Expectation{Workload: workload}, err
	}
	bare := "=="
	if m.Unit == UnitMillis || m.Unit == UnitRatio {
		bare = m.worst()
	}
	return parseBound(m, workload, bound, bare, false)
}

// parseBound reads a bound, whose operator is bare if it gives none. Fractions are of counts.
func parseBound(m Metric, workload, bound, bare string, fractions bool) (Expectation, error) {
	e := Expectation{Metric: m, Workload: workload, Op: bare}
	name, value := e.Name(), strings.TrimSpace(bound)
	for _, op := range []string{"<=", ">=", "==", "<", ">"} {
		if rest, ok := strings.CutPrefix(value, op); ok {
			e.Op, value = op, strings.TrimSpace(rest)
			break
		}
	}
	e.Want = e.Op + " " + value
	switch m.Unit {
	case UnitMillis:
		d, err := units.ParseDuration(value)
		if err != nil {
			return e, fmt.Errorf("%s: %w", name, err)
		}
		e.Value = float64(d) / float64(time.Millisecond)
	case UnitCount:
		n, err := parseCount(value, fractions)
		if err != nil {
			return e, fmt.Errorf("%s: %q is not a count; write it like 0 or \"<= 10\"", name, value)
		}
		e.Value = n
	case UnitRatio:
		number, percent := strings.CutSuffix(value, "%")
		r, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if percent {
			r /= 100
		}
		if err != nil || !(r >= 0 && r <= 1) {
			like := `"<= 0.001" or "<= 0.1%"`
			if m.MoreIsBetter {
				like = `">= 0.99" or ">= 99%"`
			}
			return e, fmt.Errorf("%s: %q is not a ratio; write it like %s", name, value, like)
		}
		e.Value = r
	case UnitCauses:
		return e, fmt.Errorf("%s: causes have no bound", name)
	case UnitBool:
		b, err := strconv.ParseBool(value)
		if err != nil || e.Op != "==" {
			return e, fmt.Errorf("%s: %q is not a truth value; write true or false", name, bound)
		}
		e.Want = strconv.FormatBool(b)
		if b {
			e.Value = 1
		}
	}
	return e, nil
}

// parseCount reads a count; one of several runs, such as their mean, may be a fraction.
func parseCount(text string, fractions bool) (float64, error) {
	const most = 1 << 53
	if !fractions {
		n, err := strconv.ParseUint(text, 10, 53)
		return float64(n), err
	}
	n, err := units.ParseFloat(text)
	if err == nil && (n < 0 || n > most) {
		err = strconv.ErrRange
	}
	return n, err
}

// Expectations are those of a run, in the order of the scenario.
type List []Expectation

// MarshalNode implements codec.Marshaler.
func (all List) MarshalNode() (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	for _, e := range all {
		if e.Metric.Unit == UnitCauses {
			causes := &document.Node{Kind: document.List}
			for _, c := range e.Causes {
				causes.Items = append(causes.Items, document.StringNode(c))
			}
			n.Add(e.Name(), causes)
			continue
		}
		n.Add(e.Name(), e.encodeBound(e.Metric.Unit == UnitCount))
	}
	return n, nil
}

// encodeBound writes the bound; a bare one is what is equal, or something else.
func (e Expectation) encodeBound(bareIsEqual bool) *document.Node {
	if e.Metric.Unit == UnitBool {
		return document.PlainNode(e.Want)
	}
	if bareIsEqual {
		return document.StringNode(strings.TrimPrefix(e.Want, "== "))
	}
	return document.StringNode(e.Want)
}

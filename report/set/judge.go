package set

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// judge holds the set against what is expected of it. A set of which a run could not be carried
// out is an error, whatever the others came to.
func (s *Set) judge(scenario *scenarios.Scenario) {
	s.Expectations = []Expectation{}
	byShare, ok := false, true
	for _, e := range scenario.ExpectSet {
		j := s.judgeOne(e)
		s.Expectations = append(s.Expectations, j)
		byShare, ok = byShare || e.Statistic == expect.StatisticPassed, ok && j.OK
	}
	failed := slices.ContainsFunc(s.Runs, func(r Run) bool { return r.Verdict == report.Fail })
	switch {
	case s.Error != "" || len(s.Runs) == 0 || len(Carried(s.Runs)) < len(s.Runs):
		s.Verdict = report.Error
	case !ok || failed && !byShare:
		s.Verdict = report.Fail
	default:
		s.Verdict = report.Pass
	}
}

// ByShare tells whether single runs may fail: then the share of those that passed decides.
func (s *Set) ByShare() bool {
	return slices.ContainsFunc(s.Expectations, func(e Expectation) bool { return e.Statistic == expect.StatisticPassed })
}

func (s *Set) judgeOne(e expect.SetExpectation) Expectation {
	j := Expectation{Name: e.Title(), Want: e.Want, Figure: e.Name(), Statistic: e.Statistic, Bound: e.Value}
	f := s.Figure(e.Name())
	switch {
	case len(Carried(s.Runs)) == 0:
		j.Shown = "not measured: no run was carried out"
	case e.Statistic == expect.StatisticPassed:
		s.judgeShare(&j, e)
	case f == nil || f.N == 0:
		j.Shown = "not measured in any run"
		if f != nil {
			j.Shown += ": " + f.Reason
		}
	case e.Statistic == expect.StatisticEvery:
		s.judgeEvery(&j, e, f)
	default:
		judgeStatistic(&j, e, f)
	}
	return j
}

// judgeShare holds the share of runs that passed against its bound.
func (s *Set) judgeShare(j *Expectation, e expect.SetExpectation) {
	carried := Carried(s.Runs)
	passed := 0
	for _, r := range carried {
		if r.Verdict == report.Pass {
			passed++
		}
	}
	share := stats.Value(float64(passed) / float64(len(carried)))
	j.Got, j.OK = &share, e.Holds(float64(share))
	low, high := shareInterval(passed, len(carried))
	j.Shown = fmt.Sprintf("%d of %s, %s [%s, %s]", passed, runsText(len(carried)), words.Percent(float64(share)), words.Percent(low), words.Percent(high))
}

// shareInterval is between what the share of all possible runs is, of which k of n were counted
// (Clopper and Pearson).
func shareInterval(k, n int) (low, high float64) {
	const each = (1 - stats.Confidence) / 2
	high = 1
	if k > 0 {
		low = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(each)
	}
	if k < n {
		high = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - each)
	}
	return low, high
}

// judgeStatistic holds a statistic against its bound. One that never came meets none.
func judgeStatistic(j *Expectation, e expect.SetExpectation, f *Figure) {
	var interval string
	switch e.Statistic {
	case expect.StatisticMedian:
		j.Got, interval = f.Median, " "+intervalText(f.Unit, f.MedianCI)
	case expect.StatisticP95:
		j.Got, interval = f.P95, " "+intervalText(f.Unit, f.P95CI)
	case expect.StatisticMin:
		j.Got = f.Min
	case expect.StatisticMax:
		j.Got = f.Max
	case expect.StatisticMean:
		mean := stats.Never
		if f.Mean != nil {
			mean = stats.Value(*f.Mean)
		}
		j.Got = &mean
	}
	j.OK = holds(e, *j.Got)
	j.Shown = fmt.Sprintf("%s %s of %s%s%s", e.Statistic, Text(f.Unit, *j.Got), runsText(f.N), interval, unmeasuredText(f))
}

func holds(e expect.SetExpectation, v stats.Value) bool {
	return !v.IsNever() && e.Holds(float64(v))
}

// judgeEvery holds each run against the bound. One that does not know the figure does not hold it.
func (s *Set) judgeEvery(j *Expectation, e expect.SetExpectation, f *Figure) {
	held := 0
	var broken []string
	worst, toWorst := math.Inf(-1), math.Inf(-1)
	for _, r := range Carried(s.Runs) {
		v, ok := r.Values[f.Name]
		switch {
		case !ok:
			broken = append(broken, "not measured in "+s.short(r.ID))
			continue
		case holds(e, v):
			held++
		default:
			broken = append(broken, Text(f.Unit, v)+" in "+s.short(r.ID))
		}
		if d := beyond(e, v); d > toWorst {
			worst, toWorst = float64(v), d
		}
	}
	of := len(Carried(s.Runs))
	value := stats.Value(worst)
	j.Got, j.OK = &value, held == of
	if j.OK {
		j.Shown = fmt.Sprintf("in all %s, %s at the worst", runsText(of), Text(f.Unit, value))
		if of == 1 {
			j.Shown = fmt.Sprintf("%s in the only run", Text(f.Unit, value))
		}
		return
	}
	const named = 3
	more := ""
	if n := len(broken) - named; n > 0 {
		broken, more = broken[:named], fmt.Sprintf(", and %d more", n)
	}
	j.Shown = fmt.Sprintf("in %d of %s: %s%s", held, runsText(of), strings.Join(broken, ", "), more)
}

// beyond is how far a value is on the wrong side of a bound: what is least is the best.
func beyond(e expect.SetExpectation, v stats.Value) float64 {
	switch e.Op {
	case "<=", "<":
		return float64(v) - e.Value
	case ">=", ">":
		if v.IsNever() {
			return math.Inf(1)
		}
		return e.Value - float64(v)
	default:
		return math.Abs(float64(v) - e.Value)
	}
}

// unmeasuredText says in how many runs a figure is not known; "" if it is in all.
func unmeasuredText(f *Figure) string {
	if f.Unmeasured == 0 {
		return ""
	}
	return fmt.Sprintf(", not measured in %d", f.Unmeasured)
}

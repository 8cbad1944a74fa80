package matrix

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Sum works out all that follows from the variants' sets.
func (m *Matrix) Sum() {
	m.Verdict = report.Error
	for i := range m.Variants {
		v := &m.Variants[i]
		v.sum()
		switch {
		case len(v.ran()) == 0:
		case v.failed():
			m.Verdict = report.Fail
		case m.Verdict == report.Error:
			m.Verdict = report.Pass
		}
	}
	m.compare()
}

// sum works out the figures of a variant.
func (v *Variant) sum() {
	var more []string // that a set does not have
	for _, name := range shownFigures() {
		if v.Set.Figure(name) == nil {
			more = append(more, name)
		}
	}
	v.Set.Figures = append(v.Set.Figures, set.Summarize(v.Set.Runs, more)...)
	if f := v.Set.Figure(figureNotReplaced); f != nil {
		f.Unit = set.Count
	}
	v.Passed = 0
	for _, r := range v.ran() {
		if r.Verdict == report.Pass {
			v.Passed++
		}
	}
	missed := v.values(figureNotReplaced)
	v.NotReplaced = Share{N: len(missed)}
	for _, n := range missed {
		if n > 0 {
			v.NotReplaced.Count++
		}
	}
	_, v.NotReplaced.CI = stats.Share(v.NotReplaced.Count, v.NotReplaced.N)
}

// failed tells whether an expectation did not hold, of the runs that were carried out.
func (v *Variant) failed() bool {
	return v.Passed < len(v.ran()) && !v.Set.ByShare() || slices.ContainsFunc(v.Set.Expectations, func(e set.Expectation) bool { return !e.OK })
}

// compare puts the figures of the variants to the test against the first one that ran.
func (m *Matrix) compare() {
	first := m.baseline()
	for i := range m.Variants {
		m.Variants[i].Differences = nil
	}
	if first < 0 {
		return
	}
	// Phases explain the outcomes, and throughput and latencies depend on more than the faults: they are tests of their own.
	m.test(first, outcomes())
	m.test(first, loads())
	m.test(first, slowestPhases())
}

// test compares figures of all other variants with those of one.
func (m *Matrix) test(first int, names []string) {
	var of []*Variant // whose differences these are
	var differences []Difference
	var p []float64
	least := 0 // runs of either variant, at the least
	for i := range m.Variants {
		for _, name := range names {
			a, b := m.Variants[first].values(name), m.Variants[i].values(name)
			if i == first || len(a) == 0 || len(b) == 0 {
				continue
			}
			d := Difference{Figure: name, Comparison: stats.Compare(a, b)}
			of, differences, p = append(of, &m.Variants[i]), append(differences, d), append(p, *d.P)
		}
	}
	const level = 1 - stats.Confidence
	if len(p) > 0 {
		least = stats.LeastRuns(level / float64(len(p)))
	}
	for i, adjusted := range stats.Holm(p) {
		d := differences[i]
		d.Adjusted, d.Significant = adjusted, adjusted <= level
		d.TooFew = min(len(m.Variants[first].values(d.Figure)), len(of[i].values(d.Figure))) < least
		of[i].Differences = append(of[i].Differences, d)
	}
}

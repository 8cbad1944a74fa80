package matrix

import (
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Sum works out all that follows from the runs.
func (m *Matrix) Sum() {
	m.Verdict = report.Error
	for i := range m.Variants {
		v := &m.Variants[i]
		v.sum()
		switch {
		case v.Set.Verdict == report.Fail:
			m.Verdict = report.Fail
		case v.Set.Verdict == report.Pass && m.Verdict == report.Error:
			m.Verdict = report.Pass
		}
	}
	m.compare()
}

// sum works out the figures of a variant.
func (v *Variant) sum() {
	runs := v.ran()
	v.Set.Figures, v.Passed, v.Set.Verdict = nil, 0, report.Error
	for _, f := range figures() {
		values := v.values(f.Name)
		f.Summary, f.Unmeasured = stats.Summarize(values), len(runs)-len(values)
		v.Set.Figures = append(v.Set.Figures, f)
	}
	missed, known := 0, 0
	for _, r := range runs {
		if r.Verdict == report.Pass {
			v.Passed++
		}
		if n, ok := r.Values[figureNotReplaced]; ok {
			known++
			if n > 0 {
				missed++
			}
		}
	}
	v.NotReplaced = shareOf(missed, known)
	switch {
	case len(runs) == 0:
	case v.Passed == len(runs):
		v.Set.Verdict = report.Pass
	default:
		v.Set.Verdict = report.Fail
	}
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
	// Phases explain the other figures: they are tests of their own.
	for _, ofPhases := range []bool{false, true} {
		var tests []test
		var p []float64
		for i := range m.Variants {
			if i == first {
				continue
			}
			for _, f := range figures() {
				a, b := m.Variants[first].values(f.Name), m.Variants[i].values(f.Name)
				if strings.HasPrefix(f.Name, slowestPrefix) == ofPhases && len(a) > 0 && len(b) > 0 {
					tests = append(tests, test{&m.Variants[i], f, len(a), len(b)})
					p = append(p, mannWhitney(a, b))
				}
			}
		}
		for i, adjusted := range holm(p) {
			t := tests[i]
			t.variant.Differences = append(t.variant.Differences, Difference{
				Figure: t.figure.Name, P: p[i], Adjusted: adjusted, Significant: adjusted <= 1-stats.Confidence,
				TooFew: leastP(t.n, t.m)*float64(len(tests)) > 1-stats.Confidence,
			})
		}
	}
}

// test is a comparison of n values of the first variant with m of another one.
type test struct {
	variant *Variant
	figure  set.Figure
	n, m    int
}

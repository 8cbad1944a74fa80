package stats

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is that of all intervals.
const Confidence = 0.95

// Interval is between what a figure of all possible runs is, with Confidence. A nil end is not
// bounded by so few values.
type Interval [2]*Value

// Summary is what n values come to.
type Summary struct {
	N     int `json:"n"`
	Never int `json:"never"` // how many of them are Never
	// Min to Max are nil if there is no value. Percentiles are those of the nearest rank, but
	// for the median, which is the mean of the two in the middle.
	Min    *Value `json:"min"`
	Median *Value `json:"median"`
	P95    *Value `json:"p95"`
	Max    *Value `json:"max"`
	// Mean is nil if one of them is Never.
	Mean *float64 `json:"mean"`
	// MedianCI and P95CI are of the quantiles of all possible runs. They assume that the runs
	// are independent and alike, and nothing of how the values are distributed: an order
	// statistic is below a quantile as often as a binomial variable says.
	MedianCI Interval `json:"median_ci"`
	P95CI    Interval `json:"p95_ci"`
}

// Summarize sums up values, in any order.
func Summarize(values []Value) Summary {
	s := Summary{N: len(values)}
	if s.N == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(values))
	var sum float64
	for _, v := range sorted {
		if v.IsNever() {
			s.Never++
		}
		sum += float64(v)
	}
	if s.Never == 0 {
		mean := sum / float64(s.N)
		s.Mean = &mean
	}
	median, p95 := Median(sorted), Percentile(sorted, 0.95)
	s.Min, s.Max, s.Median, s.P95 = &sorted[0], &sorted[s.N-1], &median, &p95
	s.MedianCI = quantileInterval(sorted, 0.5)
	s.P95CI = quantileInterval(sorted, 0.95)
	return s
}

// Median is the one in the middle of sorted values, or the mean of the two.
func Median(sorted []Value) Value {
	n := len(sorted)
	low, high := sorted[(n-1)/2], sorted[n/2]
	if low == high { // as two that are Never
		return low
	}
	return (low + high) / 2
}

// Percentile is that of the nearest rank of sorted values; p is from 0 to 1.
func Percentile(sorted []Value, p float64) Value {
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}

// quantileInterval is the narrowest pair of order statistics about a quantile, each of which
// is beyond it with half of what is left of Confidence at most. See Conover, Practical
// Nonparametric Statistics, 3.2.
func quantileInterval(sorted []Value, p float64) (ci Interval) {
	n := len(sorted)
	below := distuv.Binomial{N: float64(n), P: p} // how many values are below the quantile
	const each = (1 - Confidence) / 2
	// The value of rank r (from 1) is above the quantile if fewer than r are below it, and below
	// it if r or more are.
	if above := sort.Search(n, func(r int) bool { return below.CDF(float64(r)) > each }); above > 0 {
		ci[0] = &sorted[above-1]
	}
	if r := sort.Search(n, func(r int) bool { return 1-below.CDF(float64(r)) <= each }); r < n {
		ci[1] = &sorted[r]
	}
	return ci
}

package stats

import (
	"errors"
	"math"
	"slices"
	"sort"

	moremath "github.com/aclements/go-moremath/stats"
	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

// Comparison is how the values of one set of runs, b, differ from those of another, a. It
// assumes that the runs are independent, and nothing of how the values are distributed.
type Comparison struct {
	// P is how likely values of two sets that are alike differ as much as these do, or more, in
	// either direction: the two-sided Mann-Whitney U test. It is exact for up to 50 values each, up
	// to 25 if some are equal, and by the normal approximation beyond. Nil if a set is empty.
	// See Mann and Whitney, On a Test of Whether one of Two Random Variables is Stochastically
	// Larger than the Other, 1947, and for equal values Klotz, The Wilcoxon, Ties, and the
	// Computer, 1966.
	P *float64 `json:"p"`
	// PGreater and PLess are the same one-sided: that the values of b are greater, or less.
	PGreater *float64 `json:"p_greater"`
	PLess    *float64 `json:"p_less"`
	// LeastP is the least that P can be with these values, however they are dealt out to the two
	// sets. If it is above the level of a test, that cannot find any difference.
	LeastP *float64 `json:"least_p"`
	// Shift is the median of all differences between a value of b and one of a. See Hodges and
	// Lehmann, Estimates of Location Based on Rank Tests, 1963. Its interval is of those shifts
	// that the U test does not reject: it assumes that the two distributions are alike but for a
	// shift. An end is nil where there are too few values to bound it. See Hollander, Wolfe and
	// Chicken, Nonparametric Statistical Methods, 4.3.
	Shift   *Difference    `json:"shift"`
	ShiftCI [2]*Difference `json:"shift_ci"`
	// Relative is Shift by the median of a, which is taken as it is; nil if that is 0 or Never,
	// or if the shift is not finite.
	Relative   *float64    `json:"relative"`
	RelativeCI [2]*float64 `json:"relative_ci"`
}

// Compare tells how the values b differ from the values a, each in any order.
func Compare(a, b []Value) Comparison {
	var c Comparison
	if len(a) == 0 || len(b) == 0 {
		return c
	}
	greater, less := mannWhitney(a, b)
	p, least := twoSided(greater, less), leastP(a, b)
	c.PGreater, c.PLess, c.P, c.LeastP = &greater, &less, &p, &least

	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	n := len(a) * len(b)
	differences := func(k int) Difference {
		return kth(k, func(d float64) int { return between(a, b, d) })
	}
	shift := middle(n, differences)
	c.Shift = &shift
	if beyond := rejected(len(a), len(b)); beyond > 0 {
		low, high := differences(beyond), differences(n-beyond+1)
		c.ShiftCI = [2]*Difference{&low, &high}
	}

	median := float64(Median(a))
	if median == 0 || math.IsInf(median, 0) {
		return c
	}
	relative := func(d *Difference) *float64 {
		if d == nil || !d.Finite() {
			return nil
		}
		r := float64(*d) / math.Abs(median)
		return &r
	}
	c.Relative, c.RelativeCI = relative(c.Shift), [2]*float64{relative(c.ShiftCI[0]), relative(c.ShiftCI[1])}
	return c
}

// mannWhitney is the one-sided p-values of values of b that are greater than those of a, and
// less. Each is the lower tail of the U of one of the two, which the library has exactly: it
// doubles that of one for its two-sided value, which is not the same where values are equal
// and the sets differ in size.
func mannWhitney(a, b []Value) (greater, less float64) {
	return lowerTail(a, b), lowerTail(b, a)
}

func lowerTail(a, b []Value) float64 {
	test, err := moremath.MannWhitneyUTest(numbers(a), numbers(b), moremath.LocationLess)
	if errors.Is(err, moremath.ErrSamplesEqual) {
		return 1
	}
	return min(1, test.P) // the other error is of an empty sample
}

func numbers(values []Value) []float64 {
	all := make([]float64, len(values))
	for i, v := range values {
		all[i] = float64(v)
	}
	return all
}

func twoSided(greater, less float64) float64 { return min(1, 2*min(greater, less)) }

// leastP is the least two-sided p-value that the values of a and b can have, if they are
// dealt out anew: with all the least in the one, or in the other. Of all ways to deal them
// out, only those are as extreme that exchange values which are equal to those at the border.
func leastP(a, b []Value) float64 {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	extreme := func(low int) float64 {
		border := all[low-1]
		first := sort.Search(len(all), func(i int) bool { return all[i] >= border })
		after := sort.Search(len(all), func(i int) bool { return all[i] > border })
		return math.Exp(combin.LogGeneralizedBinomial(float64(after-first), float64(low-first)) -
			combin.LogGeneralizedBinomial(float64(len(all)), float64(low)))
	}
	return twoSided(extreme(len(a)), extreme(len(b)))
}

// exactLimit is up to how many values the distribution of U is computed exactly.
const exactLimit = 50

// rejected is how many of the differences between n and m values can be on the wrong side of
// 0 at most for the U test to reject that they are shifted by 0.
func rejected(n, m int) int {
	const each = (1 - Confidence) / 2
	product := float64(n * m)
	if n > exactLimit || m > exactLimit {
		sd := math.Sqrt(product * float64(n+m+1) / 12)
		return max(0, int(product/2+distuv.UnitNormal.Quantile(each)*sd))
	}
	u := moremath.UDist{N1: n, N2: m}
	return sort.Search(n*m/2, func(k int) bool { return u.CDF(float64(k)) > each })
}

// Share is k of n, and between what the share of all possible trials is: the interval of
// Clopper and Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of the
// Binomial, 1934. It covers the share at least as often as Confidence says. With no trials, it
// is nil, and anything.
func Share(k, n int) (share *float64, ci [2]float64) {
	ci = ShareWithin(float64(k), float64(n), Confidence)
	if n == 0 {
		return nil, ci
	}
	found := float64(k) / float64(n)
	return &found, ci
}

// ShareWithin is the interval of Share, with a confidence of its own. Neither has to be whole: trials that depend on each
// other are worth fewer than there are.
func ShareWithin(k, n, confidence float64) (ci [2]float64) {
	ci = [2]float64{0, 1}
	each := (1 - confidence) / 2
	if k > 0 {
		ci[0] = distuv.Beta{Alpha: k, Beta: n - k + 1}.Quantile(each)
	}
	if k < n {
		ci[1] = distuv.Beta{Alpha: k + 1, Beta: n - k}.Quantile(1 - each)
	}
	return ci
}

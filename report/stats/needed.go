package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Power is how likely a difference is to be found with as many runs as Needed says.
const Power = 0.8

// Needed is how many runs each of two sets needs for a two-sided U test at a level to find,
// with Power, that the values of one are greater by shift. Not ok if the values do not tell:
// none of the sets has two, or most of their differences are infinite.
//
// The number is that of Noether, Sample Size Determination for Some Common Nonparametric
// Tests, 1987. It takes the probability that a run of one set is above one of the other from
// a normal distribution with the spread that the values have within their sets, by the
// estimate of Shamos: 1.048 times the median distance of two values of a set. See Rousseeuw
// and Croux, Alternatives to the Median Absolute Deviation, 1993.
func Needed(a, b []Value, shift, level float64) (runs int, ok bool) {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	pairs := len(a)*(len(a)-1)/2 + len(b)*(len(b)-1)/2
	if pairs == 0 || shift == 0 {
		return 0, false
	}
	sd := 1.048 * float64(middle(pairs, func(k int) Difference {
		return kth(k, func(d float64) int { return within(a, d) + within(b, d) })
	}))
	if math.IsInf(sd, 0) {
		return 0, false
	}
	above := 0.5 // the probability that one run is above another one
	if sd == 0 {
		above = 1
	} else {
		above = distuv.UnitNormal.CDF(math.Abs(shift) / (math.Sqrt2 * sd))
	}
	z := distuv.UnitNormal.Quantile(1-level/2) + distuv.UnitNormal.Quantile(Power)
	each := math.Ceil(z * z / (6 * (above - 0.5) * (above - 0.5)))
	const most = 1e6
	if !(each < most) { // or it is not a number
		return 0, false
	}
	return max(int(each), LeastRuns(level)), true
}

// LeastRuns is how many runs each of two sets needs for any difference to be found at a level:
// those with which the U test can have a p-value so low.
func LeastRuns(level float64) int {
	n := 1
	for p := 1.0; p > level; n++ {
		// 2 / (2n choose n), from that of one run less
		p *= float64(n+1) / float64(2*(2*n+1))
	}
	return n
}

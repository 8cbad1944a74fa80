package shrink

import "math"

// estimate is how often a schedule fails, by runs of it and of those that it came from: the older ones count less, as a
// smaller schedule may fail less often.
type estimate struct{ failed, runs float64 }

// aging is what the runs of a schedule count for with the one that came of it.
const aging = 0.75

// grow takes in the runs of a smaller schedule that fails, too.
func (e *estimate) grow(failed, runs int) {
	e.failed, e.runs = aging*e.failed+float64(failed), aging*e.runs+float64(runs)
}

// chance is that of a run to fail: the mean of what is likely by the runs, before which nothing was known (Jeffreys' prior).
func (e *estimate) chance() float64 { return (e.failed + 0.5) / (e.runs + 1) }

// needed is how many runs in a row without a failure make it less likely than miss that a schedule fails as often as the
// last one; 1 to most.
func (e *estimate) needed(miss float64, most int) int {
	return max(1, min(most, int(math.Ceil(math.Log(miss)/math.Log(1-e.chance())))))
}

// missed is how likely it is that a schedule that fails as often as the last one does not in so many runs.
func (e *estimate) missed(runs int) float64 { return math.Pow(1-e.chance(), float64(runs)) }

// interval is where a chance is with 95 % confidence, by runs of which some failed (Wilson's score interval).
func interval(failed, runs int) (low, high float64) {
	if runs == 0 {
		return 0, 1
	}
	const z = 1.959964 // of 95 %
	n, p := float64(runs), float64(failed)/float64(runs)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}

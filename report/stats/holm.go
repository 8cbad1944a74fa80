package stats

import "slices"

// Holm corrects the p-values of several tests, so that all of those that are at a level or
// below it are found together: the probability to find any difference where there is none is at most
// that level, whichever of the tested quantities differ, and however they depend on each
// other. See Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979.
func Holm(p []float64) []float64 {
	weights := make([]float64, len(p))
	for i := range weights {
		weights[i] = 1
	}
	return HolmWeighted(p, weights)
}

// HolmWeighted is the same where a test gets a part of the level in proportion to its weight,
// which is above 0 and was chosen without looking at its outcome. It is in the same paper.
func HolmWeighted(p, weights []float64) []float64 {
	order := make([]int, len(p))
	left := 0.0 // weight of those that are not behind yet
	for i := range order {
		order[i] = i
		left += weights[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch first, second := p[i]/weights[i], p[j]/weights[j]; {
		case first < second:
			return -1
		case first > second:
			return 1
		default:
			return 0
		}
	})
	corrected := make([]float64, len(p))
	least := 0.0 // no test is surer than one before it
	for _, i := range order {
		least = max(least, min(1, p[i]*left/weights[i]))
		corrected[i] = least
		left -= weights[i]
	}
	return corrected
}

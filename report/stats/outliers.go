package stats

import "slices"

// Outliers are the indices of values that are far from the others: more than three times the
// distance of the quartiles beyond these, the outer fences of Tukey, Exploratory Data
// Analysis, 1977. Of a normal distribution, less than one value in 100,000 is there. Where the
// quartiles are equal, those that differ from them are outliers if they are a tenth of all at
// most. So is Never where others came, and a number where others did not. Of fewer than five
// values, none is.
func Outliers(values []Value) (outliers []int) {
	const fewest, fences, few = 5, 3, 10
	if len(values) < fewest {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	low, high := Percentile(sorted, 0.25), Percentile(sorted, 0.75)
	distance := fences * high.minus(low)
	for i, v := range values {
		if v < low && low.minus(v) > distance || v > high && v.minus(high) > distance {
			outliers = append(outliers, i)
		}
	}
	if low == high && len(outliers)*few > len(values) {
		return nil
	}
	return outliers
}

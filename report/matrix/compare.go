package matrix

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// mannWhitney is the two-sided p-value of the Mann-Whitney U test of two sets of values, exact
// also where some are equal.
func mannWhitney(a, b []stats.Value) (p float64) {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	ranks := map[stats.Value]int{} // twice the mean rank of equal values
	for i := 0; i < len(all); {
		end := i
		for end < len(all) && all[end] == all[i] {
			end++
		}
		ranks[all[i]] = i + end + 1
		i = end
	}
	observed, total := 0, 0
	for _, v := range a {
		observed += ranks[v]
	}
	for _, v := range all {
		total += ranks[v]
	}
	// ways[k][sum] is in how many ways k of all values have that sum of ranks.
	ways := make([][]float64, len(a)+1)
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	for _, v := range all {
		rank := ranks[v]
		for k := len(a); k >= 1; k-- {
			for sum := total; sum >= rank; sum-- {
				ways[k][sum] += ways[k-1][sum-rank]
			}
		}
	}
	below, above, count := 0.0, 0.0, 0.0
	for sum, n := range ways[len(a)] {
		count += n
		if sum <= observed {
			below += n
		}
		if sum >= observed {
			above += n
		}
	}
	return min(1, 2*min(below, above)/count)
}

// leastP is the least that the p-value of n and m values can be.
func leastP(n, m int) float64 {
	return min(1, 2*math.Exp(-combin.LogGeneralizedBinomial(float64(n+m), float64(n))))
}

// holm adjusts the p-values of several tests to be those of all of them together.
func holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		default:
			return a - b
		}
	})
	adjusted := make([]float64, len(p))
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = largest
	}
	return adjusted
}

// shareOf is k of n, with the interval of Clopper and Pearson.
func shareOf(k, n int) Share {
	s := Share{Count: k, N: n, CI: [2]float64{0, 1}}
	const each = (1 - stats.Confidence) / 2
	if k > 0 {
		s.CI[0] = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(each)
	}
	if k < n {
		s.CI[1] = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - each)
	}
	return s
}

package tune

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// steps is in how many parts a distribution is cut where a mean over it is needed.
const steps = 200

// quantile95 is the share of failovers that a bound on them is about.
const quantile95 = 0.95

// chanceWithin is how probable it is that the 95th percentile of all possible values is within
// a limit. It takes the logarithms of values as normally distributed, and nothing as known of
// their mean and deviation before (Jeffreys' prior). Where some of the values never came, the
// share of those is unknown, too; where none is, that such exist is left out. Not ok with less
// than leastRuns numbers.
func chanceWithin(values []stats.Value, limit float64) (chance float64, ok bool) {
	var logs []float64
	for _, v := range values {
		if !v.IsNever() {
			logs = append(logs, math.Log(max(1, float64(v))))
		}
	}
	n, never := len(logs), len(values)-len(logs)
	if n < leastRuns {
		return 0, false
	}
	mean, deviation := meanAndDeviation(logs)
	if never == 0 {
		return normalWithin(mean, deviation, n, distuv.UnitNormal.Quantile(quantile95), math.Log(limit)), true
	}
	share := distuv.Beta{Alpha: float64(never) + 0.5, Beta: float64(n) + 0.5}
	for i := range steps {
		// With so many that never come, the percentile is a higher one of the others.
		if q := quantile95 / (1 - share.Quantile((float64(i)+0.5)/steps)); q < 1 {
			chance += normalWithin(mean, deviation, n, distuv.UnitNormal.Quantile(q), math.Log(limit)) / steps
		}
	}
	return chance, true
}

// normalWithin is how probable it is that a normal variable's mean + z deviations is within a
// limit, by n values of it.
func normalWithin(mean, deviation float64, n int, z, limit float64) (chance float64) {
	if deviation == 0 {
		return probability(mean <= limit)
	}
	freedom := float64(n - 1)
	squares := distuv.ChiSquared{K: freedom}
	for i := range steps {
		// By the deviation that this quantile makes, the mean is normally distributed.
		sigma := deviation * math.Sqrt(freedom/squares.Quantile((float64(i)+0.5)/steps))
		chance += distuv.UnitNormal.CDF((limit-z*sigma-mean)*math.Sqrt(float64(n))/sigma) / steps
	}
	return chance
}

func meanAndDeviation(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(deviation)
}

// chanceSurvived is how probable it is that hiccups of a length cause a failover in at most 5 %
// of all cases, by the trials. Not ok where there are none.
func (h Hiccup) chanceSurvived(length float64) (chance float64, ok bool) {
	least, most := record.Millis(math.Inf(1)), record.Millis(0)
	for _, t := range h.Trials {
		if t.Length > 0 {
			least, most = min(least, t.Length), max(most, t.Length)
		}
	}
	if most == 0 {
		return 0, false
	}
	search := stats.NewSearch(float64(least), float64(most))
	for _, t := range h.Trials {
		search.Add(t)
	}
	return search.Exceeds(length, 0.05), true
}

// lossBound is the largest share of failovers that lose writes, with stats.Confidence: the upper
// end of the one-sided interval of Clopper and Pearson.
func lossBound(with, runs int) float64 {
	if with >= runs {
		return 1
	}
	return distuv.Beta{Alpha: float64(with) + 1, Beta: float64(runs - with)}.Quantile(stats.Confidence)
}

func probability(b bool) float64 { return float64(boolean(b)) }

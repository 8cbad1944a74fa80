package tune

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// stratum is the values of a figure by those of one parameter, while all others are alike.
type stratum map[string][]stats.Value

type strata []stratum

// effect is how a parameter moved a figure: by so much from one of its values to another.
type effect struct {
	low, high string // the values with the least and the greatest of the figure
	by        float64
	ci        [2]*float64
	p         float64
	// name is the figure, size writes by with its interval, and more says what there is more of
	// with the one value.
	name, size, more string
}

// strata are those in which two or more values of a parameter were measured.
func (d *decision) strata(parameter int, figure string) (all strata) {
	byOthers := map[string]stratum{}
	for _, c := range d.points {
		level, others := d.Points[c.point].apart(parameter)
		if found := d.Points[c.point].own().values(figure); len(found) > 0 {
			if byOthers[others] == nil {
				byOthers[others] = stratum{}
			}
			byOthers[others][level] = found
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byOthers)) {
		if len(byOthers[key]) > 1 {
			all = append(all, byOthers[key])
		}
	}
	return all
}

// apart is a point's value of a parameter, and those of all others.
func (p Point) apart(parameter int) (level, others string) {
	rest := slices.Clone(p.Values)
	if parameter < len(rest) {
		level = rest[parameter]
		rest = slices.Delete(rest, parameter, parameter+1)
	}
	return level, strings.Join(rest, "\x00")
}

// How often labels are dealt out anew, and values drawn again.
const (
	permutations = 2000
	resamples    = 500
)

// effect compares the two values of the parameter with the lowest and the highest ranks of the
// figure within strata. Its p is how often labels that are dealt out at random within each
// stratum have two values as far apart, so it assumes nothing of the distributions, and holds
// for any number of values. The interval is a bootstrap's of the mean difference over strata.
func (s strata) effect(center func([]stats.Value) float64) (effect, bool) {
	levels := s.levels()
	var ranks []ranking
	for _, one := range s {
		ranks = append(ranks, one.ranking(levels))
	}
	low, high, apart := extremes(ranks, len(levels))
	both := s.with(levels, low, high)
	if len(both) == 0 {
		return effect{}, false
	}
	source := rand.New(rand.NewPCG(1, 2)) // the same runs have the same p
	as := 1
	for range permutations {
		for _, r := range ranks {
			source.Shuffle(len(r.level), func(i, j int) { r.level[i], r.level[j] = r.level[j], r.level[i] })
		}
		if _, _, shuffled := extremes(ranks, len(levels)); shuffled >= apart-1e-9 {
			as++
		}
	}
	e := effect{low: levels[low], high: levels[high], p: float64(as) / (permutations + 1)}
	e.by = both.difference(e.low, e.high, center)
	drawn := make([]float64, resamples)
	for i := range drawn {
		drawn[i] = both.resampled(source, e.low, e.high).difference(e.low, e.high, center)
	}
	slices.Sort(drawn)
	at := func(q float64) *float64 { return &drawn[int(q*float64(resamples-1))] }
	e.ci = [2]*float64{at((1 - stats.Confidence) / 2), at((1 + stats.Confidence) / 2)}
	return e, true
}

// levels are the parameter's values that occur.
func (s strata) levels() []string {
	all := map[string]bool{}
	for _, one := range s {
		for level := range one {
			all[level] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// with is the strata that have both of two values.
func (s strata) with(levels []string, low, high int) (both strata) {
	for _, one := range s {
		if low != high && len(one[levels[low]]) > 0 && len(one[levels[high]]) > 0 {
			both = append(both, one)
		}
	}
	return both
}

// ranking is the values of a stratum: the rank of each, from -1 to 1, and the index of the
// parameter's value.
type ranking struct {
	rank  []float64
	level []int
}

func (s stratum) ranking(levels []string) (r ranking) {
	var sorted []stats.Value
	for _, v := range s {
		sorted = append(sorted, v...)
	}
	slices.Sort(sorted)
	for i, level := range levels {
		for _, v := range s[level] {
			below := sort.Search(len(sorted), func(i int) bool { return sorted[i] >= v })
			upTo := sort.Search(len(sorted), func(i int) bool { return sorted[i] > v })
			r.rank = append(r.rank, float64(below+upTo)/float64(len(sorted))-1)
			r.level = append(r.level, i)
		}
	}
	return r
}

// extremes are the values of the parameter with the lowest and the highest mean rank, and how
// far apart these are.
func extremes(rankings []ranking, levels int) (low, high int, apart float64) {
	sums, counts := make([]float64, levels), make([]float64, levels)
	for _, r := range rankings {
		for i, level := range r.level {
			sums[level] += r.rank[i]
			counts[level]++
		}
	}
	for level := range sums {
		sums[level] /= max(1, counts[level])
		if sums[level] < sums[low] {
			low = level
		}
		if sums[level] > sums[high] {
			high = level
		}
	}
	if levels == 0 {
		return 0, 0, 0
	}
	return low, high, sums[high] - sums[low]
}

// difference is the mean over strata of how far the centers of two values are apart.
func (s strata) difference(low, high string, center func([]stats.Value) float64) (sum float64) {
	for _, one := range s {
		from, to := center(one[low]), center(one[high])
		if from != to { // as two that never came
			sum += (to - from) / float64(len(s))
		}
	}
	return sum
}

func (s strata) resampled(source *rand.Rand, levels ...string) (again strata) {
	for _, one := range s {
		drawn := stratum{}
		for _, level := range levels {
			values := one[level]
			for range values {
				drawn[level] = append(drawn[level], values[source.IntN(len(values))])
			}
		}
		again = append(again, drawn)
	}
	return again
}

func medianOf(values []stats.Value) float64 {
	return float64(stats.Median(slices.Sorted(slices.Values(values))))
}

func meanOf(values []stats.Value) (sum float64) {
	for _, v := range values {
		sum += float64(v) / float64(len(values))
	}
	return sum
}

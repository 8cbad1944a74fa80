package tune

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// movedFrom is below which probability of chance, over all comparisons of a sweep, a parameter is
// said to have moved a result.
const movedFrom = 0.05

// moved says for each parameter which results it moved, and by how much, over all values of the
// others.
func (d *decision) moved() []string {
	all := make([][]effect, len(d.Parameters))
	var p []float64
	for i := range d.Parameters {
		all[i] = d.effects(i)
		for _, e := range all[i] {
			p = append(p, e.p)
		}
	}
	p = stats.Holm(p)
	var sentences []string
	for i, effects := range all {
		if len(effects) > 0 {
			sentences = append(sentences, told(d.Parameters[i].Name(), effects, p[:len(effects)]))
			p = p[len(effects):]
		}
	}
	return sentences
}

// told is the effects of a parameter, by what their p are corrected to.
func told(name string, effects []effect, corrected []float64) string {
	var moved, not []string
	for i, e := range effects {
		if p := corrected[i]; p <= movedFrom {
			moved = append(moved, fmt.Sprintf("%s with %s than with %s (%s)", e.more, e.high, e.low, significance(p)))
		} else {
			not = append(not, fmt.Sprintf("%s (%s)", e.name, e.size))
		}
	}
	switch {
	case len(moved) == 0:
		return fmt.Sprintf("%s made no difference that these runs could show: to %s.", name, joined(not))
	case len(not) == 0:
		return fmt.Sprintf("%s moved the results: %s.", name, strings.Join(moved, "; "))
	default:
		return fmt.Sprintf("%s moved the results: %s. No difference that these runs could show: to %s.", name, strings.Join(moved, "; "), joined(not))
	}
}

func significance(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// effects are those of a parameter on every figure that was measured with two of its values or
// more, while all others were alike.
func (d *decision) effects(parameter int) (all []effect) {
	for figure, name := range map[string]string{figureServer: "failovers on the server", figureClient: "failovers at the client"} {
		if e, ok := d.strata(parameter, figure).effect(medianOf); ok {
			e.name, e.size = name, withInterval(e.by, e.ci)
			e.more = fmt.Sprintf("%s are %s longer", name, e.size)
			if math.IsInf(e.by, 0) {
				e.size = "in some cases never"
				e.more = name + " are longer, or never come,"
			}
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b effect) int { return strings.Compare(a.name, b.name) })
	if e, ok := d.strata(parameter, figureLost).effect(meanOf); ok {
		e.name, e.size = "writes lost", fmt.Sprintf("%.1f [%.1f, %.1f] per run", e.by, *e.ci[0], *e.ci[1])
		e.more = fmt.Sprintf("%.1f [%.1f, %.1f] more writes are lost per run", e.by, *e.ci[0], *e.ci[1])
		all = append(all, e)
	}
	if e, ok := d.toleranceEffect(parameter); ok {
		e.name, e.size = "hiccups survived", fmt.Sprintf("%.2g times [%.2g, %.2g]", e.by, *e.ci[0], *e.ci[1])
		e.more = fmt.Sprintf("hiccups survived are %s longer", e.size)
		all = append(all, e)
	}
	return all
}

// toleranceEffect compares the lengths of hiccups that are survived, by the ratio of two values
// of the parameter while all others are alike. It takes what is known of each as normally
// distributed on the logarithmic scale.
func (d *decision) toleranceEffect(parameter int) (effect, bool) {
	type known struct{ at, variance float64 }
	byOthers := map[string]map[string]known{}
	levels := map[string]bool{}
	for _, c := range d.points {
		t := c.tolerance
		if t == nil || t.atLeast || t.atMost || t.ci[0] == nil || t.ci[1] == nil || *t.ci[0] <= 0 || *t.ci[1] <= *t.ci[0] {
			continue
		}
		level, others := d.Points[c.point].apart(parameter)
		if byOthers[others] == nil {
			byOthers[others] = map[string]known{}
		}
		deviation := math.Log(*t.ci[1] / *t.ci[0]) / 2 / distuv.UnitNormal.Quantile((1+stats.Confidence)/2)
		byOthers[others][level] = known{math.Log(float64(t.ms)), deviation * deviation}
		levels[level] = true
	}
	names := slices.Sorted(maps.Keys(levels))
	var best effect
	found := false
	pairs := float64(len(names)*(len(names)-1)) / 2
	for i, a := range names {
		for _, b := range names[:i] {
			var sum, weight float64
			for _, others := range slices.Sorted(maps.Keys(byOthers)) {
				from, ok := byOthers[others][a]
				to, both := byOthers[others][b]
				if ok && both {
					w := 1 / (from.variance + to.variance)
					sum += w * (to.at - from.at)
					weight += w
				}
			}
			if weight == 0 {
				continue
			}
			low, high, by, deviation := a, b, sum/weight, 1/math.Sqrt(weight)
			if by < 0 {
				low, high, by = b, a, -by
			}
			// The pair that is farthest apart is one of so many.
			p := min(1, pairs*2*(1-distuv.UnitNormal.CDF(by/deviation)))
			if !found || math.Exp(by) > best.by {
				reach := distuv.UnitNormal.Quantile((1+stats.Confidence)/2) * deviation
				least, most := math.Exp(by-reach), math.Exp(by+reach)
				best, found = effect{low: low, high: high, by: math.Exp(by), ci: [2]*float64{&least, &most}, p: p}, true
			}
		}
	}
	return best, found
}

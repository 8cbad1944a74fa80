package tune

import (
	"cmp"
	"fmt"
	"slices"
)

// Decide makes the recommendation from the points and the constraints; without these, the
// default one is entered.
func (t *Tune) Decide() {
	t.Constraints = t.Constraints.OrDefault()
	t.Recommendation = newDecision(t).recommendation()
}

func (d *decision) recommendation() Recommendation {
	r := Recommendation{RunnersUp: []int{}, Verdicts: d.verdicts(), Rule: d.rule()}
	if len(d.Parameters) > 1 {
		r.Moved = d.moved()
	}
	left := slices.DeleteFunc(slices.Clone(d.measured), func(c candidate) bool { return !c.satisfies() })
	if len(left) == 0 {
		d.none(&r)
		return r
	}
	best, rest := d.take(left)
	r.Point, r.Probability = &best.point, best.chance
	r.Sentence, r.Cost = d.sentence(best), d.cost(best)
	for next := best; len(rest) > 0; {
		next, rest = d.take(rest)
		r.RunnersUp = append(r.RunnersUp, next.point)
	}
	r.Certainty = d.certainty(best, r.RunnersUp)
	return r
}

// take is the best of candidates by the rule, and the others.
func (d *decision) take(from []candidate) (best candidate, rest []candidate) {
	byTime := func(a, b candidate) int { return cmp.Compare(*a.own.Median, *b.own.Median) }
	byTolerance := func(a, b candidate) int { return longer(b.tolerance, a.tolerance) }
	if d.longestWins() {
		best = slices.MinFunc(from, func(a, b candidate) int { return cmp.Or(byTolerance(a, b), byTime(a, b)) })
	} else {
		fastest := slices.MinFunc(from, byTime)
		alike := slices.DeleteFunc(slices.Clone(from), func(c candidate) bool { return !c.own.overlaps(fastest.own) })
		best = slices.MinFunc(alike, func(a, b candidate) int { return cmp.Or(byTolerance(a, b), byTime(a, b)) })
	}
	return best, slices.DeleteFunc(slices.Clone(from), func(c candidate) bool { return c.point == best.point })
}

// verdicts say of each point whether it meets the constraints.
func (d *decision) verdicts() []Verdict {
	all := make([]Verdict, len(d.points))
	for i, c := range d.points {
		v := Verdict{Satisfies: c.out == "" && c.satisfies(), Out: c.out, Misses: []string{}}
		if c.out == "" {
			v.Probability = c.chance
			for j, o := range c.outcomes {
				if !o.met {
					v.Misses = append(v.Misses, fmt.Sprintf("%s: %s", d.requirements[j].text(d.requirements[j].limit), o.found))
				}
			}
		}
		all[i] = v
	}
	return all
}

package tune

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Decide makes the recommendation from the points and the constraints; without these, the
// default one is entered.
func (t *Tune) Decide() {
	t.Constraints = t.Constraints.OrDefault()
	t.Recommendation = newDecision(t).recommendation()
}

// decision is the points held against the constraints.
type decision struct {
	*Tune
	figure       string
	requirements []requirement
	points       []candidate // all of them
	measured     []candidate // those that can be recommended, by their values
	untold       string      // why a constraint was left out
}

// candidate is a point, and how it does by each requirement.
type candidate struct {
	evidence
	outcomes []outcome
	// chance is how probable it is that it meets all, as far as that is known.
	chance *float64
}

func newDecision(t *Tune) *decision {
	d := &decision{Tune: t, figure: t.figure(), requirements: t.requirements()}
	all := t.evidence()
	if t.Defaulted && !slices.ContainsFunc(all, func(e evidence) bool { return e.tolerance != nil }) {
		d.requirements = nil
		d.untold = "It is not known how long hiccups any of them survives, so this is not part of the rule."
	}
	for _, e := range all {
		c := candidate{evidence: e}
		for _, r := range d.requirements {
			c.outcomes = append(c.outcomes, r.judge(e, r.limit))
		}
		c.chance = chanceOf(c.outcomes)
		d.points = append(d.points, c)
		if c.out == "" {
			d.measured = append(d.measured, c)
		}
	}
	ranks := t.ranks()
	slices.SortStableFunc(d.measured, func(a, b candidate) int { return slices.Compare(ranks[a.point], ranks[b.point]) })
	return d
}

// chanceOf is that of meeting all, each of which is measured by itself.
func chanceOf(outcomes []outcome) *float64 {
	chance, known := 1.0, false
	for _, o := range outcomes {
		if o.chance != nil {
			chance *= *o.chance
			known = true
		}
	}
	if !known {
		return nil
	}
	chance = math.Round(chance*1e4) / 1e4
	return &chance
}

func (c candidate) satisfies() bool {
	return !slices.ContainsFunc(c.outcomes, func(o outcome) bool { return !o.met })
}

// likely is how probable it is that the candidate meets all, with what it shows where that is
// not known.
func (c candidate) likely() float64 {
	if c.chance == nil {
		return probability(c.satisfies())
	}
	return *c.chance
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

// longestWins tells whether the rule looks for the longest hiccup survived, which it does where
// failovers are bounded and hiccups are not.
func (d *decision) longestWins() bool {
	return d.Tolerate == nil && slices.ContainsFunc(d.measured, func(c candidate) bool { return c.tolerance != nil })
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

// rival is a measured point that would be recommended in place of another if it met the
// constraints, by what was measured of the figure that the rule looks at.
func (d *decision) rival(c, of candidate) bool {
	switch {
	case c.point == of.point || c.satisfies():
		return false
	case d.longestWins():
		return longer(c.tolerance, of.tolerance) > 0
	default:
		return *c.own.Median < *of.own.Median
	}
}

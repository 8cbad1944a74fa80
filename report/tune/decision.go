package tune

import (
	"math"
	"slices"
)

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

// sorted are all points by their values.
func (d *decision) sorted() []candidate {
	ranks := d.ranks()
	return slices.SortedStableFunc(slices.Values(d.points), func(a, b candidate) int { return slices.Compare(ranks[a.point], ranks[b.point]) })
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

// longestWins tells whether the rule looks for the longest hiccup survived, which it does where
// failovers are bounded and hiccups are not.
func (d *decision) longestWins() bool {
	return d.Tolerate == nil && slices.ContainsFunc(d.measured, func(c candidate) bool { return c.tolerance != nil })
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

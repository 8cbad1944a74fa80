package tune

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// none says why no point is recommended, and which are nearest.
func (d *decision) none(r *Recommendation) {
	if len(d.measured) == 0 {
		r.Sentence = "There is no recommendation: no value could be judged."
		r.Certainty = d.unfinished()
		return
	}
	r.Conflict = d.conflict()
	r.Sentence = capital(r.Conflict) + "."
	r.Cost = d.compromises()
	near := slices.Clone(d.measured)
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(d.distance(a), d.distance(b)) })
	for _, c := range near {
		r.RunnersUp = append(r.RunnersUp, c.point)
	}
	likeliest := slices.MaxFunc(near, func(a, b candidate) int { return cmp.Compare(a.likely(), b.likely()) })
	sure := "Sure: no value meets them with a probability of 1 % or more."
	if p := likeliest.likely(); p >= 0.01 {
		sure = fmt.Sprintf("%s meets them most probably, with %s.", likeliest.name, percentage(p))
	}
	r.Certainty = joinSentences(sure, d.unfinished())
}

// distance is how far a point is from meeting the constraints, by how many times each limit is
// missed.
func (d *decision) distance(c candidate) (sum float64) {
	for i, r := range d.requirements {
		if o := c.outcomes[i]; !o.met {
			if o.needs == nil {
				return math.Inf(1)
			}
			sum += math.Abs(math.Log((*o.needs + 1) / (r.limit + 1)))
		}
	}
	return sum
}

// conflict says which constraints no point meets, and which exclude each other.
func (d *decision) conflict() string {
	var unmet []string
	var left []int // constraints that some point meets
	for i, r := range d.requirements {
		if missing := d.missing(i); len(missing) == len(d.measured) {
			unmet = append(unmet, fmt.Sprintf("no value meets %s: %s, %s", r.text(r.limit), d.series(missing), d.wrong(i, missing)))
		} else {
			left = append(left, i)
		}
	}
	if excluded := d.exclusion(left); excluded != "" {
		unmet = append(unmet, excluded)
	}
	return strings.Join(unmet, ". And ")
}

// exclusion says which constraints, each of which some point meets, no point meets together.
func (d *decision) exclusion(requirements []int) string {
	for i, a := range requirements {
		for _, b := range requirements[:i] {
			if d.noneMeets(a, b) {
				return "no value has both: " + d.excluded(b, a)
			}
		}
	}
	if d.noneMeets(requirements...) {
		return "no value has all: " + d.excluded(requirements...)
	}
	return ""
}

// missing are the measured points that miss a requirement.
func (d *decision) missing(requirement int) []candidate {
	return slices.DeleteFunc(slices.Clone(d.measured), func(c candidate) bool { return c.outcomes[requirement].met })
}

// noneMeets tells whether no point meets all of some requirements.
func (d *decision) noneMeets(requirements ...int) bool {
	return !slices.ContainsFunc(d.measured, func(c candidate) bool {
		return !slices.ContainsFunc(requirements, func(i int) bool { return !c.outcomes[i].met })
	})
}

// excluded says which points each of some requirements excludes, those of the lowest values
// first.
func (d *decision) excluded(requirements ...int) string {
	at := func(i int) int {
		first := d.missing(i)[0].point
		return slices.IndexFunc(d.measured, func(c candidate) bool { return c.point == first })
	}
	slices.SortStableFunc(requirements, func(a, b int) int { return cmp.Compare(at(a), at(b)) })
	var parts []string
	for _, i := range requirements {
		missing := d.missing(i)
		parts = append(parts, fmt.Sprintf("%s, %s", d.series(missing), d.wrong(i, missing)))
	}
	return strings.Join(parts, "; ")
}

// wrong says what is wrong with points that miss a requirement, with the figure of the one that
// misses it least.
func (d *decision) wrong(requirement int, missing []candidate) string {
	r := d.requirements[requirement]
	nearest := slices.MinFunc(missing, func(a, b candidate) int {
		return cmp.Compare(r.distance(a.outcomes[requirement]), r.distance(b.outcomes[requirement]))
	})
	found := nearest.outcomes[requirement].found
	if len(missing) > 1 {
		found = fmt.Sprintf("%s: %s", nearest.name, found)
	}
	return fmt.Sprintf("%s (%s)", r.wrong, found)
}

// compromises say which limits would have to be asked for, one at a time.
func (d *decision) compromises() string {
	var all []string
	for i, r := range d.requirements {
		if best, ok := d.relaxed(i); ok {
			all = append(all, fmt.Sprintf("%s would do with %s", best.name, r.text(*best.outcomes[i].needs)))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("The nearest compromises: %s.", strings.Join(all, ", or "))
}

// relaxed is the point that meets all requirements but one, and misses that least.
func (d *decision) relaxed(requirement int) (best candidate, ok bool) {
	for _, c := range d.measured {
		if c.outcomes[requirement].needs == nil || !c.meetsBut(requirement) {
			continue
		}
		if r := d.requirements[requirement]; !ok || r.distance(c.outcomes[requirement]) < r.distance(best.outcomes[requirement]) {
			best, ok = c, true
		}
	}
	return best, ok
}

func (c candidate) meetsBut(requirement int) bool {
	for i, o := range c.outcomes {
		if i != requirement && !o.met {
			return false
		}
	}
	return true
}

package tune

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// where says at which end failovers are measured.
func (d *decision) where() string {
	if d.figure == figureServer {
		return "on the server"
	}
	return "at the client"
}

// rule is how the recommendation is made.
func (d *decision) rule() string {
	var wants []string
	for _, r := range d.requirements {
		wants = append(wants, r.of)
	}
	among := "Of all values"
	if len(wants) > 0 {
		among = "Of the values that " + joined(wants)
	}
	text := fmt.Sprintf("%s, the one with the shortest failover (median %s); where the intervals of the medians overlap, the one that survives longer hiccups.", among, d.where())
	if d.longestWins() {
		text = fmt.Sprintf("%s, the one that survives the longest hiccups.", among)
	}
	if d.Tolerate != nil && d.untold == "" {
		text += " A hiccup of a length is survived if it causes a failover in at most 5 % of cases."
	}
	if d.Defaulted && d.untold == "" {
		text += fmt.Sprintf(" %s %s is the default, because neither %s nor %s was given.", flagTolerate, flagDuration(*d.Tolerate), flagMaxFailover, flagTolerate)
	}
	return strings.TrimSpace(text + " " + d.untold)
}

// sentence recommends a point.
func (d *decision) sentence(best candidate) string {
	median := fmt.Sprintf("%s %s, %s", best.own.text(), d.where(), best.own.spread())
	var does []string
	for _, r := range d.requirements {
		does = append(does, r.of)
	}
	set := "Set " + d.settings(d.Points[best.point])
	if len(d.measured) == 1 {
		return fmt.Sprintf("%s, %s: median failover %s.", set, d.ofTried(), median)
	}
	those := ""
	if len(does) > 0 {
		those = " of those that " + joined(does)
	}
	if d.longestWins() {
		return fmt.Sprintf("%s: %s, it survives the longest hiccups (%s)%s: median failover %s.", set, d.ofTried(), best.tolerance.text(), those, median)
	}
	if fastest := d.fastest(); fastest.point != best.point {
		return fmt.Sprintf("%s: %s, it and %s have the shortest failovers (median %s)%s, and it survives longer hiccups.", set, d.ofTried(), fastest.name, median, those)
	}
	return fmt.Sprintf("%s: %s, it has the shortest failover (median %s)%s.", set, d.ofTried(), median, those)
}

// fastest is the point with the shortest failover of those that meet the constraints, whether or
// not others can be told from it.
func (d *decision) fastest() candidate {
	satisfying := slices.DeleteFunc(slices.Clone(d.measured), func(c candidate) bool { return !c.satisfies() })
	return slices.MinFunc(satisfying, func(a, b candidate) int { return cmp.Compare(*a.own.Median, *b.own.Median) })
}

// cost says what the recommended point costs, and gains, beside its neighbours.
func (d *decision) cost(best candidate) string {
	var parts []string
	for _, other := range d.neighbours(best) {
		parts = append(parts, beside(best, other))
	}
	return strings.Join(parts, " ")
}

// neighbours are the measured points whose values are next to those of another: by the first
// parameter, with all others alike, or else by the time that failovers take.
func (d *decision) neighbours(of candidate) (next []candidate) {
	line := slices.DeleteFunc(slices.Clone(d.measured), func(c candidate) bool {
		return d.Points[c.point].series() != d.Points[of.point].series()
	})
	if len(line) < 2 {
		line = slices.Clone(d.measured)
		slices.SortStableFunc(line, func(a, b candidate) int { return cmp.Compare(*a.own.Median, *b.own.Median) })
	}
	at := slices.IndexFunc(line, func(c candidate) bool { return c.point == of.point })
	if at > 0 {
		next = append(next, line[at-1])
	}
	if at+1 < len(line) {
		next = append(next, line[at+1])
	}
	return next
}

// beside compares the recommended point with another.
func beside(best, other candidate) string {
	var parts []string
	switch apart := record.Millis(*best.own.Median - *other.own.Median); {
	case best.own.overlaps(other.own):
		parts = append(parts, "failovers take about as long")
	case apart > 0:
		parts = append(parts, fmt.Sprintf("failovers take %s longer", brief(apart)))
	default:
		parts = append(parts, fmt.Sprintf("failovers take %s less", brief(-apart)))
	}
	if a, b := best.tolerance, other.tolerance; a != nil && b != nil {
		mine, its := plainly(*a), plainly(*b)
		if mine == its {
			parts = append(parts, "hiccups as long are survived")
		} else {
			parts = append(parts, fmt.Sprintf("hiccups of %s are survived instead of %s", mine, its))
		}
	}
	switch mine, its := best.loss, other.loss; {
	case mine.runs == 0 || its.runs == 0:
	case mine.with == 0 && its.with > 0:
		parts = append(parts, fmt.Sprintf("no writes are lost instead of up to %s", counted(float64(its.most))))
	case mine.with > 0 && its.with == 0:
		parts = append(parts, fmt.Sprintf("up to %s are lost instead of none", counted(float64(mine.most))))
	}
	return fmt.Sprintf("Compared with %s, %s.", other.name, joined(parts))
}

// plainly is a length that hiccups may have, without its interval.
func plainly(t tolerance) string {
	t.ci = [2]*float64{}
	if t.atLeast || t.atMost {
		return t.text()
	}
	return "up to " + t.text()
}

// How probable it is that the recommended point is the right one by the rule, from which on it
// is called so.
const (
	sureFrom   = 0.95
	likelyFrom = 0.8
)

// certainty says how sure it is that the point is the right one by the rule.
func (d *decision) certainty(best candidate, runnersUp []int) string {
	right := best.likely()
	var other *candidate // which would be right instead, most probably
	weight := 0.0
	for _, c := range d.measured {
		if d.rival(c, best) {
			right *= 1 - c.likely()
			if c.likely() > weight {
				other, weight = &c, c.likely()
			}
		}
	}
	if next := 1 - best.likely(); len(runnersUp) > 0 && next > weight && right < sureFrom {
		other = &d.points[runnersUp[0]]
	}
	if len(d.requirements) == 0 {
		return strings.TrimSpace(d.unfinished() + " " + d.losses(best))
	}
	var verdict string
	switch {
	case d.isOpen():
		verdict = fmt.Sprintf("Not sure: others may turn out better once they are measured.%s", d.meets(best))
	case best.chance == nil:
		verdict = fmt.Sprintf("It is not known how probably %s meets the constraints.", best.name)
	case right >= sureFrom:
		verdict = fmt.Sprintf("Sure: %s meets %s with a probability of %s%s.", best.name, d.them(), percentage(*best.chance), d.versus(other))
	case right >= likelyFrom:
		verdict = fmt.Sprintf("Likely: %s meets %s with a probability of %s%s.", best.name, d.them(), percentage(*best.chance), d.versus(other))
	case other != nil:
		verdict = fmt.Sprintf("A toss-up between %s and %s: %s meets %s with a probability of %s%s.", other.name, best.name, best.name, d.them(), percentage(*best.chance), d.versus(other))
	default:
		verdict = fmt.Sprintf("Not sure: %s meets %s with a probability of %s.", best.name, d.them(), percentage(*best.chance))
	}
	return joinSentences(verdict, d.losses(best), d.unfinished())
}

// isOpen tells whether a point is not judged only because too little was measured.
func (d *decision) isOpen() bool {
	return slices.ContainsFunc(d.points, func(c candidate) bool { return c.own.N < leastRuns && d.Points[c.point].Rejected == "" })
}

// meets says how probably a point meets the constraints, as far as that is known.
func (d *decision) meets(c candidate) string {
	if c.chance == nil {
		return ""
	}
	return fmt.Sprintf(" %s meets %s with a probability of %s.", c.name, d.them(), percentage(*c.chance))
}

// them are the constraints.
func (d *decision) them() string {
	if len(d.requirements) == 1 {
		return "the constraint"
	}
	return "the constraints"
}

// versus tells how probably another point meets the constraints.
func (d *decision) versus(other *candidate) string {
	if other == nil || other.chance == nil || *other.chance < 0.01 {
		return ""
	}
	return fmt.Sprintf(", %s with %s", other.name, percentage(*other.chance))
}

// losses say what was lost with each kind of failure, and what runs without a loss tell of the
// next ones.
func (d *decision) losses(best candidate) string {
	var all []string
	for _, l := range best.losses {
		with := ""
		if l.kind != ScenarioFailure {
			with = " with " + l.kind
		}
		switch {
		case l.runs == 0:
		case l.with > 0:
			all = append(all, fmt.Sprintf("Acked writes were lost in %d of %s%s, up to %s in one.", l.with, plural(l.runs, "run", "runs"), with, count(float64(l.most))))
		default:
			all = append(all, fmt.Sprintf("No write was lost in %s%s: that leaves a loss in at most %.0f %% of such failovers, with 95 %% confidence.",
				plural(l.runs, "run", "runs"), with, math.Ceil(lossBound(l.with, l.runs)*100)))
		}
	}
	return strings.Join(all, " ")
}

// unfinished names the points that could not be judged.
func (d *decision) unfinished() string {
	var out []string
	for _, c := range d.points {
		if c.out != "" {
			out = append(out, fmt.Sprintf("%s (%s)", c.name, c.out))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("Not judged: %s.", enumerate(out))
}

func joinSentences(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

// ofTried counts the points that were measured: “of the five values tried”.
func (d *decision) ofTried() string {
	thing := "value"
	if len(d.Parameters) > 1 {
		thing = "combination"
	}
	how := "tried"
	if len(d.measured) < len(d.Points) {
		how = "that could be judged"
	}
	if len(d.measured) == 1 {
		return fmt.Sprintf("the only %s %s", thing, how)
	}
	return fmt.Sprintf("of the %s %ss %s", spelled(len(d.measured)), thing, how)
}

// series is a run of the points' names in words, in order of their values: “up to 1s”, “from 2s
// on”, “with 1s and 5s”.
func (d *decision) series(of []candidate) string {
	var names []string
	for _, c := range of {
		names = append(names, c.name)
	}
	if len(d.Parameters) == 1 && len(of) > 1 && len(of) < len(d.measured) {
		switch first, last := of[0].point, of[len(of)-1].point; {
		case first == d.measured[0].point && last == d.measured[len(of)-1].point:
			return "up to " + names[len(names)-1]
		case last == d.measured[len(d.measured)-1].point && first == d.measured[len(d.measured)-len(of)].point:
			return fmt.Sprintf("from %s on", names[0])
		}
	}
	if len(of) == len(d.measured) && len(of) > 1 {
		return "with every value"
	}
	return "with " + enumerate(names)
}

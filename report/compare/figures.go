package compare

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// primaryFigures lists the figures that share most of the level: how long a failover takes on the
// server and for its clients, the one phase of it that the server chooses freely and that
// does not grow with cluster-node-timeout, and what went wrong with data.
func primaryFigures() []string {
	return []string{"failover_time", "client_recovery", "election_delay", "lost_writes",
		"failovers", "recovered", "duplicated", "out_of_order", "stale_reads", "missed_messages", "redelivered", "undelivered", "double_holds", "linearizable"}
}

// primaryShare is the part of the level that the primary figures share.
const primaryShare = 0.9

// figuresOf is the figures that either set has, in the order of a, with their values.
func figuresOf(a, b *set.Set) ([]*Figure, error) {
	var figures []*Figure
	byName := map[string]*Figure{}
	for _, f := range slices.Concat(a.Figures, b.Figures) {
		if known := byName[f.Name]; known != nil {
			if known.Unit != f.Unit {
				return nil, fmt.Errorf("%s is in %s in one of the sets and in %s in the other", f.Name, known.Unit, f.Unit)
			}
			continue
		}
		figure := &Figure{Name: f.Name, Unit: f.Unit, Good: goodOf(f.Name), primary: slices.Contains(primaryFigures(), f.Name)}
		byName[f.Name] = figure
		figures = append(figures, figure)
	}
	for _, f := range figures {
		f.a, f.b = values(a, f.Name), values(b, f.Name)
		f.A, f.B, f.Comparison = stats.Summarize(f.a), stats.Summarize(f.b), stats.Compare(f.a, f.b)
		for _, s := range []*set.Set{b, a} {
			if len(values(s, f.Name)) == 0 {
				f.Reason = cmp.Or(reason(s, f.Name), "no run has it")
			}
		}
	}
	return figures, nil
}

func values(s *set.Set, figure string) (all []stats.Value) {
	for _, r := range set.Carried(s.Runs) {
		if v, ok := r.Values[figure]; ok {
			all = append(all, v)
		}
	}
	return all
}

// reason is why the first of the runs that do not know a figure does not.
func reason(s *set.Set, figure string) string {
	for _, r := range set.Carried(s.Runs) {
		if why := r.Unmeasured[figure]; why != "" {
			return why
		}
	}
	return ""
}

// goodOf says which is better of a figure, by its name.
func goodOf(name string) Good {
	_, metric := expect.SplitName(name)
	switch metric {
	case "failovers": // more than were asked for is as bad as fewer
		return ""
	case figures.Throughput, "recovered", "linearizable":
		return More
	}
	for _, m := range expect.Metrics() {
		if m.Name == metric && m.MoreIsBetter {
			return More
		}
	}
	return Less
}

// test corrects the p-values for their number, and says what of each figure can be said. What
// is tested, and with which part of the level, is decided by all values together, without
// regard to which set they are of: so the probability to find a change that is none stays
// below the level.
func test(figures []*Figure) {
	var hypotheses []*hypothesis
	byOrder := map[string]*hypothesis{}
	for _, f := range figures {
		if f.LeastP == nil || *f.LeastP > level {
			continue
		}
		key := order(f.a, f.b)
		h := byOrder[key]
		if h == nil {
			h = &hypothesis{}
			byOrder[key] = h
			hypotheses = append(hypotheses, h)
		}
		h.figures, h.primary = append(h.figures, f), h.primary || f.primary
	}
	var tested shares
	for _, h := range hypotheses {
		tested.add(h.primary)
	}
	var p, weights []float64
	for _, h := range hypotheses {
		p, weights = append(p, *h.figures[0].P), append(weights, tested.of(h.primary))
	}
	for i, corrected := range stats.HolmWeighted(p, weights) {
		for _, f := range hypotheses[i].figures {
			f.Corrected = &corrected
			f.settle(level * weights[i])
		}
	}
	for _, f := range figures {
		if f.Corrected == nil {
			with := tested
			with.add(f.primary)
			f.settle(level * with.of(f.primary))
		}
	}
}

// hypothesis is that figures are the same in both sets that rank all runs alike, or in reverse, as
// one that is a multiple of another one does: it is tested once.
type hypothesis struct {
	figures []*Figure
	primary bool
}

// shares deals the level out to so many hypotheses.
type shares struct{ primary, others int }

func (s *shares) add(primary bool) {
	if primary {
		s.primary++
	} else {
		s.others++
	}
}

// of is the part of one of them.
func (s shares) of(primary bool) float64 {
	switch {
	case s.primary == 0 || s.others == 0:
		return 1 / float64(s.primary+s.others)
	case primary:
		return primaryShare / float64(s.primary)
	default:
		return (1 - primaryShare) / float64(s.others)
	}
}

// order is the ranks of all values. Two figures with the same have the same p-value.
func order(a, b []stats.Value) string {
	all := slices.Concat(a, b)
	sorted := slices.Compact(slices.Sorted(slices.Values(all)))
	up, down := make([]int, len(all)), make([]int, len(all))
	for i, v := range all {
		up[i], _ = slices.BinarySearch(sorted, v)
		down[i] = len(sorted) - 1 - up[i]
	}
	return fmt.Sprint(len(a), slices.MinFunc([][]int{up, down}, slices.Compare[[]int]))
}

// settle says what can be said of the figure, which has a part of the level for itself.
func (f *Figure) settle(part float64) {
	n := min(f.A.N, f.B.N)
	switch {
	case n == 0:
		f.Verdict = Unmeasured
	case *f.A.Min == *f.B.Max && *f.A.Max == *f.B.Min:
		f.Verdict = Same
	case f.Corrected != nil && *f.Corrected <= level:
		f.Verdict = f.direction()
	default:
		f.Verdict = Undecided
		if f.enough(n, part) {
			f.Verdict = Unchanged
		}
	}
}

// direction is whether the change of the figure is to the better.
func (f *Figure) direction() Verdict {
	switch greater := *f.PGreater < *f.PLess; {
	case f.Good == "":
		return Changed
	case greater == (f.Good == More):
		return Better
	default:
		return Worse
	}
}

// enough tells whether n runs in each set rule a change by find out: that would probably have
// been found with a part of the level, or the interval excludes it. Where the median is 0, there
// is no such change, and what counts is whether any could have been found.
func (f *Figure) enough(n int, part float64) bool {
	median := float64(*f.A.Median)
	if median == 0 || f.Unit == set.Bool {
		return n >= stats.LeastRuns(part)
	}
	needed, ok := stats.Needed(f.a, f.b, find*median, part)
	if ok {
		f.Needed = &needed
	}
	low, high := f.RelativeCI[0], f.RelativeCI[1]
	return ok && n >= needed || low != nil && high != nil && -find < *low && *high < find
}

// inOrder is the figures with the sure changes first, the worse before the better, and then by
// what else can be said of them.
func inOrder(figures []*Figure) []Figure {
	verdicts := []Verdict{Worse, Changed, Better, Unchanged, Undecided, Same, Unmeasured}
	sorted := slices.Clone(figures)
	slices.SortStableFunc(sorted, func(f, g *Figure) int {
		byVerdict := cmp.Compare(slices.Index(verdicts, f.Verdict), slices.Index(verdicts, g.Verdict))
		if byVerdict == 0 && f.Verdict.Sure() {
			return cmp.Compare(*f.Corrected, *g.Corrected)
		}
		return byVerdict
	})
	all := []Figure{}
	for _, f := range sorted {
		all = append(all, *f)
	}
	return all
}

// overall is the verdict on all figures. Where no change is sure, it is that on the first
// primary figure that differs between runs, or else the first figure that does.
func overall(figures []Figure) Verdict {
	has := map[Verdict]bool{}
	var first *Figure
	for i := range figures {
		f := &figures[i]
		has[f.Verdict] = true
		if f.Verdict != Unchanged && f.Verdict != Undecided {
			continue
		}
		if first == nil || rank(f.Name) < rank(first.Name) {
			first = f
		}
	}
	switch {
	case has[Changed] || has[Worse] && has[Better]:
		return Changed
	case has[Worse]:
		return Worse
	case has[Better]:
		return Better
	case first != nil:
		return first.Verdict
	default: // nothing differs between any two runs
		return Unchanged
	}
}

// rank is the place of a figure among the primary ones, or after them.
func rank(name string) int {
	if i := slices.Index(primaryFigures(), name); i >= 0 {
		return i
	}
	return len(primaryFigures())
}

const (
	// level is up to which p-value, corrected for the number of tests, a change is sure.
	level = 0.05
	// find is the change that it is told of how many runs find it, by the median of a.
	find = 0.2
)

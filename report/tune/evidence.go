package tune

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// ScenarioFailure is the kind of the failures that the scenario itself makes.
const ScenarioFailure = "scenario"

// leastRuns is how many failovers a point needs to be chosen.
const leastRuns = 3

// The figures of runs that decide.
const (
	figureClient = "client_recovery"
	figureServer = "failover_time"
	figureLost   = "lost_writes"
)

// evidence is what the runs and the trials of a point show.
type evidence struct {
	point int    // its index
	name  string // its values
	// out is why it cannot be recommended, whatever the constraints are; "" if it can.
	out string
	// own is the failovers of the scenario's own failure, which is one of failures.
	own      sample
	failures []sample // by kind of failure
	// loss is that of all failures, ownLoss of the scenario's own, and losses by kind.
	loss, ownLoss loss
	losses        []loss
	// tolerance is of the kind of hiccup that is survived least; nil if none was tried.
	tolerance *tolerance
	hiccups   []Hiccup // that were tried
}

// sample is how long the failovers of one kind of failure took, in ms.
type sample struct {
	kind   string
	values []stats.Value // sorted
	stats.Summary
}

// loss is what the writes that were lost in runs of real failures come to.
type loss struct {
	kind       string
	runs, with int // that know, and that lost some
	most       stats.Value
}

// tolerance is the longest hiccup of a kind that causes a failover in at most 5 % of all cases.
type tolerance struct {
	kind string
	ms   record.Millis
	// atLeast and atMost: the trials bound it by ms, and no more is known.
	atLeast, atMost bool
	ci              [2]*float64
}

// figure is what failovers are judged by: what applications see, or else the servers' part.
func (t *Tune) figure() string {
	for _, p := range t.Points {
		for _, f := range p.Failures {
			for _, r := range f.Runs {
				if _, ok := r.Values[figureClient]; ok && counts(r) {
					return figureClient
				}
			}
		}
	}
	return figureServer
}

// counts tells whether a run was carried out, and so its figures count.
func counts(r set.Run) bool { return r.Error == "" && !r.Skipped }

func (t *Tune) evidence() []evidence {
	figure := t.figure()
	all := make([]evidence, len(t.Points))
	for i, p := range t.Points {
		e := evidence{point: i, name: p.name(), own: p.own().sample(figure), tolerance: p.tolerance()}
		for _, h := range p.Hiccups {
			if h.tried() {
				e.hiccups = append(e.hiccups, h)
			}
		}
		for _, f := range p.Failures {
			if s := f.sample(figure); s.N > 0 {
				e.failures = append(e.failures, s)
			}
			of := loss{kind: f.Kind}
			of.add(f)
			e.losses = append(e.losses, of)
			e.loss.add(f)
		}
		e.ownLoss.add(p.own())
		e.out = p.out(e.own)
		all[i] = e
	}
	return all
}

// name is the point's values, as they were asked for.
func (p Point) name() string { return strings.Join(p.Values, " / ") }

// series is what points have in common that differ in the first parameter alone.
func (p Point) series() string { return strings.Join(p.Values[min(1, len(p.Values)):], " / ") }

// own is the failures that the scenario makes.
func (p Point) own() Failure {
	for _, f := range p.Failures {
		if f.Kind == ScenarioFailure {
			return f
		}
	}
	if len(p.Failures) > 0 {
		return p.Failures[0]
	}
	return Failure{}
}

// out is why a point cannot be recommended.
func (p Point) out(own sample) string {
	switch {
	case p.Rejected != "":
		return "the server rejected it: " + p.Rejected
	case own.N == 0:
		return "no failover was measured"
	case own.N < leastRuns:
		return fmt.Sprintf("only %s measured, of at least %d", plural(own.N, "failover was", "failovers were"), leastRuns)
	case own.Median.IsNever():
		return fmt.Sprintf("%d of %d failovers never came", own.Never, own.N)
	default:
		return ""
	}
}

func (f Failure) sample(figure string) sample {
	s := sample{kind: f.Kind, values: f.values(figure)}
	slices.Sort(s.values)
	s.Summary = stats.Summarize(s.values)
	return s
}

// values are a figure's of all runs that measured it, in their order.
func (f Failure) values(figure string) (all []stats.Value) {
	for _, r := range f.Runs {
		if v, ok := r.Values[figure]; ok && counts(r) {
			all = append(all, v)
		}
	}
	return all
}

func (l *loss) add(f Failure) {
	for _, v := range f.values(figureLost) {
		l.runs++
		if v > 0 {
			l.with++
		}
		l.most = max(l.most, v)
	}
}

// text is how many writes were lost at the most.
func (l loss) text() string {
	switch {
	case l.runs == 0:
		return "not known"
	case l.with == 0:
		return fmt.Sprintf("none in %s", plural(l.runs, "run", "runs"))
	default:
		return fmt.Sprintf("up to %s, in %d of %s", count(float64(l.most)), l.with, plural(l.runs, "run", "runs"))
	}
}

func (h Hiccup) tried() bool { return h.Unable == "" && h.Threshold.N > 0 }

// tolerance is nil if no kind was tried, or if the trials bound that of none.
func (p Point) tolerance() *tolerance {
	var worst *tolerance
	for _, h := range p.Hiccups {
		if t := h.tolerance(); t != nil && (worst == nil || t.below(*worst)) {
			worst = t
		}
	}
	return worst
}

func (h Hiccup) tolerance() *tolerance {
	if !h.tried() {
		return nil
	}
	th := h.Threshold
	t := &tolerance{kind: h.Kind, ci: th.L05CI}
	switch {
	case th.L05 != nil:
		t.ms = record.Millis(*th.L05)
	case th.L05CI[0] != nil:
		t.ms, t.atLeast = record.Millis(*th.L05CI[0]), true
	case th.L05CI[1] != nil:
		t.ms, t.atMost = record.Millis(*th.L05CI[1]), true
	default:
		return nil
	}
	return t
}

// below tells whether less is survived; of two that are equal, that which is no lower bound.
func (t tolerance) below(o tolerance) bool {
	if t.ms != o.ms {
		return t.ms < o.ms
	}
	return !t.atLeast && o.atLeast
}

// longer compares how long hiccups are survived; what is not known is less than all else.
func longer(a, b *tolerance) int {
	switch {
	case a == nil || b == nil:
		return cmp.Compare(boolean(a != nil), boolean(b != nil))
	default:
		return cmp.Compare(a.ms, b.ms)
	}
}

// text is the length, and how well it is known.
func (t tolerance) text() string {
	switch {
	case t.atLeast:
		return "at least " + brief(t.ms)
	case t.atMost:
		return "less than " + brief(t.ms)
	default:
		return withInterval(float64(t.ms), t.ci)
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// interval is that of the median, or the whole range where so few values bound no interval.
func (s sample) interval() (low, high stats.Value) {
	low, high = *s.Min, *s.Max
	if s.MedianCI[0] != nil {
		low = *s.MedianCI[0]
	}
	if s.MedianCI[1] != nil {
		high = *s.MedianCI[1]
	}
	return low, high
}

// overlaps tells whether the intervals of two medians do.
func (s sample) overlaps(o sample) bool {
	low, high := s.interval()
	otherLow, otherHigh := o.interval()
	return low <= otherHigh && otherLow <= high
}

// text is the median and its interval.
func (s sample) text() string {
	if s.N == 0 {
		return "–"
	}
	if s.Median.IsNever() {
		return "never"
	}
	return withInterval(float64(*s.Median), numbers(s.MedianCI))
}

// spread says how far all failovers went: the 95th percentile of few is that of all of them.
func (s sample) spread() string {
	switch {
	case s.Never > 0:
		return fmt.Sprintf("%d of %d never came", s.Never, s.N)
	case s.N < 20:
		return fmt.Sprintf("all %d within %s", s.N, value(*s.Max))
	default:
		return "95 % within " + value(*s.P95)
	}
}

package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// ParseBound reads a bound: a figure, > or <, and a change with its sign and its unit. It points
// to the worse: more of what should be little.
func ParseBound(text string) (Bound, error) {
	b := Bound{Text: strings.TrimSpace(text)}
	fail := func(format string, args ...any) (Bound, error) {
		return Bound{}, fmt.Errorf("%q: %w", text, fmt.Errorf(format, args...))
	}
	const like = `write it like "failover_time > +20%"`
	at := strings.IndexAny(b.Text, "<>")
	if at < 0 {
		return fail("no > or <; %s", like)
	}
	b.Less = b.Text[at] == '<'
	b.Figure = strings.TrimSpace(b.Text[:at])
	change := strings.TrimSpace(b.Text[at+1:])
	switch {
	case strings.HasPrefix(change, "="):
		return fail("there is no %c=: a change of exactly so much does not occur; %s", b.Text[at], like)
	case b.Figure == "":
		return fail("no figure before %c; %s", b.Text[at], like)
	case strings.Contains(b.Figure, " of "):
		_, figure, _ := strings.Cut(b.Figure, " of ")
		return fail("a bound is on the change of a figure as a whole, not of one statistic; write %q", strings.TrimSpace(figure)+" "+b.Text[at:])
	}
	unit, err := unitOf(b.Figure)
	if err != nil {
		return fail("%w", err)
	}
	if unit == set.Bool {
		return fail("%s is true or false; bound the share of runs instead, by expect_set in the scenario", b.Figure)
	}
	sign := "+"
	if b.Less {
		sign = "-"
	}
	rest, signed := strings.CutPrefix(change, sign)
	if !signed {
		return fail("a change goes with its sign; write %s", example(b, sign, unit, change))
	}
	if good := goodOf(b.Figure); b.Less && good == Less || !b.Less && good == More {
		return fail("%s is better; write %s", map[Good]string{Less: "less " + b.Figure, More: "more " + b.Figure}[good], opposite(b, unit, rest))
	}
	b.By, b.Relative, err = parseChange(strings.TrimSpace(rest), unit)
	if err != nil {
		return fail("%w", err)
	}
	if b.Less {
		b.By = -b.By
	}
	return b, nil
}

// example is a bound with a change that can be read, if the one that was given can.
func example(b Bound, sign string, unit set.Unit, change string) string {
	change = strings.TrimLeft(change, "+-")
	if _, _, err := parseChange(change, unit); err != nil {
		change = "20%"
	}
	return strconv.Quote(fmt.Sprintf("%s %s %s%s", b.Figure, map[bool]string{true: "<", false: ">"}[b.Less], sign, change))
}

// opposite is the same bound in the other direction.
func opposite(b Bound, unit set.Unit, change string) string {
	b.Less = !b.Less
	return example(b, map[bool]string{true: "-", false: "+"}[b.Less], unit, change)
}

// parseChange reads a change without its sign: a share of the median, or a number in the unit of
// the figure.
func parseChange(text string, unit set.Unit) (by float64, relative bool, err error) {
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		by, err = strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err != nil || !(by >= 0) || !finite(by) {
			return 0, false, fmt.Errorf("%q is not a share; write it like 20%%", text)
		}
		return by / 100, true, nil
	}
	if unit == set.Millis && text != "0" {
		d, err := units.ParseDuration(text)
		if err != nil {
			return 0, false, fmt.Errorf("%w; or a share, like 20%%", err)
		}
		return float64(d) / float64(time.Millisecond), false, nil
	}
	by, err = strconv.ParseFloat(text, 64)
	if err != nil || !(by >= 0) || !finite(by) {
		return 0, false, fmt.Errorf("%q is not a number; write it like 5, or 20%%", text)
	}
	return by, false, nil
}

// unitOf is what a figure of any run is counted in. The error says which figures there are.
func unitOf(figure string) (set.Unit, error) {
	workload, name := expect.SplitName(figure)
	var known []string
	for _, m := range expect.Metrics() {
		if workload != "" && !m.PerWorkload() || m.Unit == expect.UnitCauses {
			if m.Name == name {
				return "", fmt.Errorf("%s has no value that could change by so much", figure)
			}
			continue
		}
		known = append(known, m.Name)
		if m.Name == name {
			return map[expect.Unit]set.Unit{expect.UnitMillis: set.Millis, expect.UnitCount: set.Count, expect.UnitRatio: set.Ratio, expect.UnitBool: set.Bool}[m.Unit], nil
		}
	}
	if workload == "" {
		for _, others := range [][]string{figures.Phases(), figures.Moments()} {
			if known = append(known, others...); slices.Contains(others, name) {
				return set.Millis, nil
			}
		}
		if known = append(known, figures.Throughput); name == figures.Throughput {
			return set.PerSecond, nil
		}
	}
	return "", errors.New(suggest.Unknown("figure", name, known))
}

// UnknownError is about a bound on a figure that neither set has.
type UnknownError struct {
	Bound string
	Known []string
}

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("%q: neither set has this figure; they have %s", e.Bound, strings.Join(e.Known, ", "))
}

// judge holds bounds against the changes. They were named beforehand, so that their figures are
// tested by themselves, with a correction for their own number.
func judge(bounds []Bound, figures []*Figure) ([]Check, error) {
	byName, known := map[string]*Figure{}, []string{}
	for _, f := range figures {
		byName[f.Name], known = f, append(known, f.Name)
	}
	var named []string
	var p []float64
	for _, b := range bounds {
		f := byName[b.Figure]
		if f == nil {
			return nil, &UnknownError{b.Text, known}
		}
		if f.P != nil && !slices.Contains(named, b.Figure) {
			named, p = append(named, b.Figure), append(p, *f.P)
		}
	}
	corrected := stats.Holm(p)
	checks := []Check{}
	for _, b := range bounds {
		f, c := byName[b.Figure], Check{Bound: b.Text, Figure: b.Figure, OK: true}
		if i := slices.Index(named, b.Figure); i >= 0 {
			c.Corrected = &corrected[i]
		}
		b.judge(&c, f, level/float64(max(1, len(named))))
		checks = append(checks, c)
	}
	return checks, nil
}

// judge decides a check of a figure, which has a part of the level for itself.
func (b Bound) judge(c *Check, f *Figure, part float64) {
	if c.Corrected == nil {
		c.Shown = "not measured: " + f.Reason
		return
	}
	found := f.change() + ", p = " + probability(*c.Corrected)
	sure, worse := *c.Corrected <= level, (*f.PGreater < *f.PLess) != b.Less
	switch {
	case sure && worse && b.beyond(f):
		c.OK, c.Decided, c.Shown = false, true, found
	case sure && worse:
		c.Decided, c.Shown = true, found+": within the bound"
	case sure:
		c.Decided, c.Shown = true, found+": a change to the better"
	default:
		needed, known := b.needed(f, part)
		n := min(f.A.N, f.B.N)
		c.Decided = known && n >= needed || b.ruledOut(f)
		c.Shown = found + ": no change found"
		if !c.Decided {
			c.Shown = found + ": too few runs to tell" + moreRuns(n, needed, known)
		}
	}
}

// beyond tells whether the change of the figure is beyond the bound.
func (b Bound) beyond(f *Figure) bool { return b.exceededBy(f, *f.Shift) }

// ruledOut tells whether the interval of the change excludes that it is beyond the bound.
func (b Bound) ruledOut(f *Figure) bool {
	end := f.ShiftCI[1]
	if b.Less {
		end = f.ShiftCI[0]
	}
	return b.By != 0 && end != nil && !b.exceededBy(f, *end)
}

func (b Bound) exceededBy(f *Figure, shift stats.Difference) bool {
	by := b.By
	if b.Relative {
		by *= float64(*f.A.Median) // infinite for one that is Never, and nothing is beyond that
	}
	if b.Less {
		return float64(shift) < by
	}
	return float64(shift) > by
}

// needed is how many runs of each set find a change by as much as the bound, or by find where
// that is any change.
func (b Bound) needed(f *Figure, part float64) (runs int, ok bool) {
	shift := b.By
	switch {
	case b.By == 0:
		shift = find * float64(*f.A.Median)
	case b.Relative:
		shift = b.By * float64(*f.A.Median)
	}
	if *f.A.Median == 0 && (b.Relative || b.By == 0) {
		return stats.LeastRuns(part), true
	}
	return stats.Needed(f.a, f.b, math.Abs(shift), part)
}

// moreRuns says how many more runs it would take.
func moreRuns(n, needed int, known bool) string {
	if !known || needed <= n {
		return ""
	}
	return fmt.Sprintf("; %d more in each set would probably find it", needed-n)
}

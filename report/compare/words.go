package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// middle is what the runs of a set come to: the median, or how many were true.
func middle(unit set.Unit, s stats.Summary) string {
	switch {
	case s.N == 0:
		return "–"
	case unit == set.Bool && s.Mean != nil:
		return fmt.Sprintf("%.0f of %d", *s.Mean*float64(s.N), s.N)
	default:
		return set.Text(unit, *s.Median)
	}
}

// medianInterval is that of a median; "" if it has no end.
func medianInterval(unit set.Unit, s stats.Summary) string {
	if unit == set.Bool {
		return ""
	}
	end := func(v *stats.Value) string {
		if v == nil {
			return ""
		}
		return set.Text(unit, *v)
	}
	return interval(end(s.MedianCI[0]), end(s.MedianCI[1]))
}

// interval is between two ends, of which one may be ""; "" if both are.
func interval(low, high string) string {
	switch {
	case low == "" && high == "":
		return ""
	case high == "":
		return low + " or more"
	case low == "":
		return high + " or less"
	case low == high:
		return low
	default:
		return low + " to " + high
	}
}

// differenceText is by how much a figure changed, with its sign.
func differenceText(unit set.Unit, d stats.Difference) string {
	f := float64(d)
	switch {
	case math.IsInf(f, 1):
		return "comes no more"
	case math.IsInf(f, -1):
		return "comes now"
	}
	magnitude := set.Text(unit, stats.Value(math.Abs(f)))
	if unit == set.Ratio { // so that nobody takes it for a share of the median
		magnitude = strings.TrimSuffix(magnitude, " %") + " points"
	}
	return sign(f) + magnitude
}

func sign(f float64) string {
	switch {
	case f > 0:
		return "+"
	case f < 0:
		return "-"
	default:
		return ""
	}
}

// relativeText is a change in parts of the median.
func relativeText(r float64) string {
	percent := math.Abs(r) * 100
	switch {
	case percent == 0:
		return "0 %"
	case percent < 0.1:
		return fmt.Sprintf("%s%.2g %%", sign(r), percent)
	case percent < 9.95:
		return fmt.Sprintf("%s%.1f %%", sign(r), percent)
	default:
		return fmt.Sprintf("%s%.0f %%", sign(r), percent)
	}
}

// shift is by how much the figure changed, and its interval: in its unit.
func (f *Figure) shift() (estimate, ci string) {
	if f.Shift == nil || f.Unit == set.Bool {
		return "", ""
	}
	end := func(d *stats.Difference) string {
		if d == nil {
			return ""
		}
		return differenceText(f.Unit, *d)
	}
	return differenceText(f.Unit, *f.Shift), interval(end(f.ShiftCI[0]), end(f.ShiftCI[1]))
}

// relative is the same in parts of the median of A.
func (f *Figure) relative() (estimate, ci string) {
	if f.Relative == nil || f.Unit == set.Bool {
		return "", ""
	}
	end := func(r *float64) string {
		if r == nil {
			return ""
		}
		return relativeText(*r)
	}
	return relativeText(*f.Relative), interval(end(f.RelativeCI[0]), end(f.RelativeCI[1]))
}

// change is how the figure changed, in one line.
func (f *Figure) change() string {
	text := fmt.Sprintf("%s → %s", middle(f.Unit, f.A), middle(f.Unit, f.B))
	estimate, ci := f.shift()
	if estimate == "" {
		return text
	}
	relative, relativeCI := f.relative()
	if relative != "" {
		estimate, ci = estimate+", "+relative, relativeCI
	}
	if ci == "" || ci == estimate { // as of what comes no more
		return fmt.Sprintf("%s (%s)", text, estimate)
	}
	return fmt.Sprintf("%s (%s; 95 %% interval %s)", text, estimate, ci)
}

// probability is a p-value.
func probability(p float64) string {
	switch {
	case p < 0.001:
		return "<0.001"
	case p < 0.1:
		return fmt.Sprintf("%.3f", p)
	default:
		return fmt.Sprintf("%.2f", p)
	}
}

// certainty says what of the figure can be said, for a table.
func (f *Figure) certainty() string {
	switch n := min(f.A.N, f.B.N); {
	case f.Verdict.Sure():
		return fmt.Sprintf("**%s**, sure", f.Verdict)
	case f.Verdict == Undecided && f.Needed != nil && *f.Needed > n:
		return fmt.Sprintf("too few runs: %d more each would find %.0f %%", *f.Needed-n, find*100)
	case f.Verdict == Unmeasured:
		return "not measured: " + f.Reason
	default:
		return string(f.Verdict)
	}
}

func runsText(n int) string {
	if n == 1 {
		return "1 run"
	}
	return words.Count(int64(n)) + " runs"
}

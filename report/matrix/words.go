package matrix

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Headline says what came of it all in one line.
func Headline(m *Matrix) string {
	made, failed := 0, 0
	for _, v := range m.Variants {
		made += len(v.ran())
		failed += len(v.ran()) - v.Passed
	}
	badge := map[report.Verdict]string{report.Pass: "PASS", report.Fail: "FAIL", report.Error: "ERROR"}[m.Verdict]
	headline := fmt.Sprintf("%s: %s on %s, ", badge, m.Scenario, plural(len(m.Variants), "variant"))
	switch {
	case made == 0:
		headline += "no run was carried out"
	case failed > 0:
		headline += fmt.Sprintf("an expectation failed in %d of %s", failed, plural(made, "run"))
	default:
		headline += fmt.Sprintf("all expectations held in %s", plural(made, "run"))
	}
	if m.Error != "" {
		headline += "; " + m.Error
	}
	return headline
}

// Story tells how the variants differ, the most important first.
func Story(m *Matrix) (story []string) {
	story = append(story, m.failoverTimes()...)
	story = append(story, m.notReplaced()...)
	story = append(story, m.losses()...)
	for _, v := range m.Variants {
		for _, e := range v.Set.Expectations {
			if !e.OK && v.Unable == "" {
				story = append(story, fmt.Sprintf("%s: %s was expected to be %s, and is %s.", v.Name, e.Label(), e.Want, e.Shown))
			}
		}
		if v.Unable != "" {
			story = append(story, fmt.Sprintf("%s could not be run: %s", v.Name, inline(v.Unable)))
		}
	}
	return story
}

// failoverTimes tells who is fastest, and which differences are certain.
func (m *Matrix) failoverTimes() (told []string) {
	type one struct {
		name   string
		median stats.Value
	}
	var all []one
	for _, v := range m.Variants {
		if f := v.figure(figureFailoverTime); f != nil {
			all = append(all, one{v.Name, *f.Median})
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b one) int { return cmp.Compare(a.median, b.median) })
	var times []string
	for _, o := range all {
		times = append(times, fmt.Sprintf("%s %s", o.name, set.Text(set.Millis, o.median)))
	}
	told = append(told, fmt.Sprintf("Failover time at the median: %s.", strings.Join(times, ", ")))

	first := m.Variants[m.baseline()]
	var alike []string
	few := false
	for _, v := range m.Variants {
		d := v.difference(figureFailoverTime)
		switch {
		case d == nil:
		case d.Significant:
			told = append(told, m.slowerOrFaster(first, v, *d))
		case d.TooFew:
			few = true
		default:
			alike = append(alike, fmt.Sprintf("%s (%s)", v.Name, probability(d.Adjusted)))
		}
	}
	if len(alike) > 0 {
		told = append(told, fmt.Sprintf("No significant difference in failover time from %s: %s.", first.Name, strings.Join(alike, ", ")))
	}
	if few {
		told = append(told, fmt.Sprintf("Whether they differ cannot be told by so few runs: at least %d of each variant are needed.", m.needed()))
	}
	return told
}

// slowerOrFaster tells a significant difference in failover time, and in which phases it lies.
func (m *Matrix) slowerOrFaster(first, v Variant, d Difference) string {
	told := fmt.Sprintf("%s took %s at the median, %s %s", v.Name, v.medianOf(figureFailoverTime), first.Name, first.medianOf(figureFailoverTime))
	if shift := *d.Shift; shift.Finite() && shift != 0 {
		word := "slower"
		if shift < 0 {
			word = "faster"
		}
		told = fmt.Sprintf("%s was %s %s than %s", v.Name, words.Duration(record.Millis(math.Abs(float64(shift)))), word, first.Name)
		if d.Relative != nil {
			told = fmt.Sprintf("%s was %s (%.0f %%) %s than %s", v.Name, words.Duration(record.Millis(math.Abs(float64(shift)))), 100*math.Abs(*d.Relative), word, first.Name)
		}
	}
	told += fmt.Sprintf(" (%s%s)", shifts(d), probability(d.Adjusted))
	var parts []string
	for _, phase := range phases() {
		if of := v.difference(slowest(phase)); of != nil && of.Significant && of.matters(d) {
			parts = append(parts, fmt.Sprintf("%s %s instead of %s", phase, v.medianOf(slowest(phase)), first.medianOf(slowest(phase))))
		}
	}
	if len(parts) > 0 {
		told += ": " + strings.Join(parts, ", ")
	}
	return told + "."
}

// matters tells whether the difference of a phase is a tenth of that of the whole, or more.
func (d Difference) matters(whole Difference) bool {
	return !whole.Shift.Finite() || math.Abs(float64(*d.Shift)) >= math.Abs(float64(*whole.Shift))/10
}

// shifts is between what a difference in ms is, for parentheses.
func shifts(d Difference) string {
	low, high := d.ShiftCI[0], d.ShiftCI[1]
	if low == nil || high == nil || !low.Finite() || !high.Finite() {
		return ""
	}
	a, b := record.Millis(math.Abs(float64(*low))), record.Millis(math.Abs(float64(*high)))
	if (*low < 0) != (*high < 0) {
		return ""
	}
	return fmt.Sprintf("%.0f %% interval: %s – %s, ", 100*stats.Confidence, words.Duration(min(a, b)), words.Duration(max(a, b)))
}

// medianOf writes the median of a figure.
func (v Variant) medianOf(name string) string {
	f := v.figure(name)
	if f == nil {
		return "–"
	}
	return set.Text(f.Unit, *f.Median)
}

// needed is how many runs of each variant it takes to find any difference, at least.
func (m *Matrix) needed() int {
	tests := 0
	for _, v := range m.Variants {
		for _, d := range v.Differences {
			if slices.Contains(outcomes(), d.Figure) {
				tests++
			}
		}
	}
	return stats.LeastRuns((1 - stats.Confidence) / float64(max(1, tests)))
}

// notReplaced tells who left a shard without a master.
func (m *Matrix) notReplaced() (told []string) {
	var others []string
	most := 0.0
	for _, v := range m.Variants {
		switch share := v.NotReplaced; {
		case share.N == 0:
		case share.Count > 0:
			told = append(told, fmt.Sprintf("%s left a shard without a new master in %s.", v.Name, share))
		default:
			others, most = append(others, v.Name), max(most, share.CI[1])
		}
	}
	if len(told) > 0 && len(others) > 0 {
		told = append(told, fmt.Sprintf("%s did not: %.0f %% of runs at most, by the interval.", strings.Join(others, ", "), 100*most))
	}
	return told
}

// losses tells who lost writes.
func (m *Matrix) losses() []string {
	var lossy []string
	known := false
	for _, v := range m.Variants {
		f := v.figure(figureLostWrites)
		if f == nil {
			continue
		}
		known = true
		if *f.Max > 0 {
			lossy = append(lossy, fmt.Sprintf("%s up to %s (median %s)", v.Name, set.Text(set.Count, *f.Max), set.Text(set.Count, *f.Median)))
		}
	}
	switch {
	case !known:
		return nil
	case len(lossy) == 0:
		return []string{"No acked write was lost in any run."}
	default:
		return []string{fmt.Sprintf("Acked writes lost in a run: %s.", strings.Join(lossy, ", "))}
	}
}

// String is for people: 3 of 10 runs (95 % interval: 7 – 65 %).
func (s Share) String() string {
	return fmt.Sprintf("%d of %s (%.0f %% interval: %s)", s.Count, plural(s.N, "run"), 100*stats.Confidence, s.between())
}

// between writes the interval.
func (s Share) between() string { return fmt.Sprintf("%.0f – %.0f %%", 100*s.CI[0], 100*s.CI[1]) }

// interval writes between what a figure is: 7.1 s – 8.2 s.
func interval(ci stats.Interval, unit set.Unit) string {
	low, high := "?", "?"
	if ci[0] != nil {
		low = set.Text(unit, *ci[0])
	}
	if ci[1] != nil {
		high = set.Text(unit, *ci[1])
	}
	if low == "?" && high == "?" {
		return ""
	}
	return low + " – " + high
}

// probability writes a p-value.
func probability(p float64) string {
	switch {
	case p < 0.0001:
		return "p < 0.0001"
	case p < 0.01:
		return fmt.Sprintf("p = %.4f", p)
	default:
		return fmt.Sprintf("p = %.2f", p)
	}
}

// inline writes text of several lines, such as the last words of a server, in one.
func inline(text string) string { return strings.Join(strings.Fields(text), " ") }

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%s %ss", words.Count(int64(n)), thing)
}

// Line is what came of a run in a line, for progress.
func Line(r set.Run) string {
	if r.Error != "" {
		line, _, _ := strings.Cut(r.Error, "\n")
		return "not carried out: " + line
	}
	parts := []string{string(r.Verdict)}
	for _, f := range []set.Figure{{Name: figureFailoverTime, Unit: set.Millis}, {Name: figureClientRecovery, Unit: set.Millis}, {Name: figureLostWrites, Unit: set.Count}} {
		if value, ok := r.Values[f.Name]; ok {
			parts = append(parts, f.Name+" "+set.Text(f.Unit, value))
		}
	}
	if len(r.Failed) > 0 {
		parts = append(parts, "not held: "+strings.Join(r.Failed, ", "))
	}
	return strings.Join(parts, ", ")
}

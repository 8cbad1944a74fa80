package matrix

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
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
		times = append(times, fmt.Sprintf("%s %s", o.name, shown(o.median, set.Millis)))
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
			alike = append(alike, fmt.Sprintf("%s (p = %s)", v.Name, probability(d.Adjusted)))
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
	a, b := *first.figure(figureFailoverTime).Median, *v.figure(figureFailoverTime).Median
	told := fmt.Sprintf("%s took %s, %s %s", v.Name, shown(b, set.Millis), first.Name, shown(a, set.Millis))
	if delta := math.Abs(float64(b - a)); a != b && !math.IsInf(delta, 0) {
		word := "slower"
		if b < a {
			word = "faster"
		}
		told = fmt.Sprintf("%s was %s (%.0f %%) %s than %s at the median", v.Name, report.Duration(delta), 100*delta/float64(a), word, first.Name)
	}
	told += fmt.Sprintf(" (p = %s)", probability(d.Adjusted))
	var parts []string
	for _, phase := range phases() {
		name := slowestPrefix + phaseFigure(phase)
		if of := v.difference(name); of != nil && of.Significant {
			parts = append(parts, fmt.Sprintf("%s %s instead of %s", phase, shown(*v.figure(name).Median, set.Millis), shown(*first.figure(name).Median, set.Millis)))
		}
	}
	if len(parts) > 0 {
		told += ": " + strings.Join(parts, ", ")
	}
	return told + "."
}

// needed is how many runs of each variant it takes to find any difference, at least.
func (m *Matrix) needed() int {
	tests := 0
	for _, v := range m.Variants {
		for _, d := range v.Differences {
			if !strings.HasPrefix(d.Figure, slowestPrefix) {
				tests++
			}
		}
	}
	n := 2
	for leastP(n, n)*float64(tests) > 1-stats.Confidence {
		n++
	}
	return n
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
		f := v.figure("lost_writes")
		if f == nil {
			continue
		}
		known = true
		if *f.Max > 0 {
			lossy = append(lossy, fmt.Sprintf("%s up to %s (median %s)", v.Name, shown(*f.Max, set.Count), shown(*f.Median, set.Count)))
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

// shown writes a value of a figure.
func shown(v stats.Value, unit set.Unit) string {
	switch {
	case v.IsNever():
		return "never"
	case unit == set.Millis:
		return report.Duration(float64(v))
	case float64(v) != math.Trunc(float64(v)): // the median of an even number of counts
		return fmt.Sprintf("%.1f", float64(v))
	default:
		return report.Count(int64(v))
	}
}

// interval writes between what a figure is: 7.1 s – 8.2 s.
func interval(ci stats.Interval, unit set.Unit) string {
	low, high := "?", "?"
	if ci[0] != nil {
		low = shown(*ci[0], unit)
	}
	if ci[1] != nil {
		high = shown(*ci[1], unit)
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
		return "< 0.0001"
	case p < 0.01:
		return fmt.Sprintf("%.4f", p)
	default:
		return fmt.Sprintf("%.2f", p)
	}
}

// inline writes text of several lines, such as the last words of a server, in one.
func inline(text string) string { return strings.Join(strings.Fields(text), " ") }

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%s %ss", report.Count(int64(n)), thing)
}

// Line is what came of a run in a line, for progress.
func Line(r set.Run) string {
	if r.Error != "" {
		line, _, _ := strings.Cut(r.Error, "\n")
		return "not carried out: " + line
	}
	parts := []string{string(r.Verdict)}
	for _, name := range []string{figureFailoverTime, "client_recovery", "lost_writes"} {
		if value, ok := r.Values[name]; ok {
			unit := set.Millis
			if name == "lost_writes" {
				unit = set.Count
			}
			parts = append(parts, name+" "+shown(value, unit))
		}
	}
	if len(r.Failed) > 0 {
		parts = append(parts, "not held: "+strings.Join(r.Failed, ", "))
	}
	return strings.Join(parts, ", ")
}

package set

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Aggregate is the set of some runs of a scenario. The header has what the runs do not tell: the
// set's id, its seed, how it was made, its command, and what it was run on (see Describe).
func Aggregate(header Set, runs []Run, s *scenarios.Scenario) *Set {
	set := header
	set.Schema, set.Scenario = Schema, s.Name
	set.Runs = slices.SortedStableFunc(slices.Values(runs), func(a, b Run) int { return a.Started.Compare(b.Started) })
	set.Notes = append([]string{}, header.Notes...)
	if set.Source == "" {
		if source, err := s.YAML(); err == nil {
			set.Source = string(source)
		}
	}
	set.span()
	set.Figures = Summarize(set.Runs, figuresOf(s))
	set.Each = eachOf(s, set.Runs)
	set.judge(s)
	set.note()
	return &set
}

// span is when the set began and how long it took, by its runs, if the header does not say.
func (s *Set) span() {
	var until time.Time
	for _, r := range s.Runs {
		if r.Started.IsZero() {
			continue
		}
		if s.Started.IsZero() {
			s.Started = r.Started
		}
		if end := r.Started.Add(r.Duration.D()); end.After(until) {
			until = end
		}
	}
	if s.Duration == 0 && until.After(s.Started) {
		s.Duration = record.Millis(float64(until.Sub(s.Started)) / float64(time.Millisecond))
	}
}

// Summarize sums up figures of runs, by their names and in their order. Runs that were not carried
// out count in none. A figure of which no run knows anything is left out.
func Summarize(runs []Run, names []string) []Figure {
	figures, runs := []Figure{}, Carried(runs)
	for _, name := range names {
		var values []stats.Value
		var by []string // whose values they are
		reasons := map[string]int{}
		for _, r := range runs {
			v, ok := r.Values[name]
			reason, missing := r.Unmeasured[name]
			switch {
			case ok:
				values, by = append(values, v), append(by, r.ID)
			case missing:
				reasons[reason]++
			}
		}
		f := Figure{Name: name, Unit: unitOf(name), Summary: stats.Summarize(values), Outliers: outliers(values, by)}
		for _, n := range reasons {
			f.Unmeasured += n
		}
		if f.Reason = mostFrequent(reasons); f.N+f.Unmeasured > 0 {
			figures = append(figures, f)
		}
	}
	return figures
}

// mostFrequent is the most frequent one.
func mostFrequent(counts map[string]int) string {
	all := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

const (
	// leastForOutliers is how many values it takes to call one an outlier.
	leastForOutliers = 8
	// fence is how many times the distance of the quartiles a value must be beyond them (Tukey).
	fence = 1.5
)

// outliers are the values beyond Tukey's fences, and whose they are.
func outliers(values []stats.Value, by []string) (out []Outlier) {
	if len(values) < leastForOutliers {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	low, high := quartile(sorted, 0.25), quartile(sorted, 0.75)
	if math.IsInf(high, 1) { // a quarter never came, and is no exception
		return nil
	}
	reach := fence * (high - low)
	for i, v := range values {
		if f := float64(v); f < low-reach || f > high+reach {
			out = append(out, Outlier{Run: by[i], Value: v})
		}
	}
	return out
}

// quartile interpolates between two sorted values.
func quartile(sorted []stats.Value, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	if sorted[below] == sorted[above] {
		return float64(sorted[below])
	}
	return float64(sorted[below]) + (at-float64(below))*float64(sorted[above]-sorted[below])
}

// eachOf tells in how many runs each expectation of the scenario held.
func eachOf(s *scenarios.Scenario, runs []Run) []Each {
	each, runs := []Each{}, Carried(runs)
	failed := func(name string) (n int) {
		for _, r := range runs {
			if slices.Contains(r.Failed, name) {
				n++
			}
		}
		return n
	}
	var names []string
	for _, e := range s.Expect {
		names = append(names, e.Name())
		each = append(each, Each{Name: e.Name(), Want: e.Want, Held: len(runs) - failed(e.Name()), Of: len(runs)})
	}
	// That there are no incidents is expected by itself.
	const incidents = "incidents"
	if n := failed(incidents); n > 0 && !slices.Contains(names, incidents) {
		each = append(each, Each{Name: incidents, Want: "== 0", Held: len(runs) - n, Of: len(runs)})
	}
	return each
}

// note says what a reader should know beside the figures.
func (s *Set) note() {
	for _, r := range s.Runs {
		if r.Verdict == report.Error && !r.Skipped {
			s.Notes = append(s.Notes, fmt.Sprintf("Run %s was not carried out: %s. Its figures count in nothing.", r.ID, trimStop(firstLine(r.Error))))
		}
	}
	for _, name := range headline() {
		if f := s.Figure(name); f != nil && f.Unmeasured > 0 && f.N > 0 {
			s.Notes = append(s.Notes, fmt.Sprintf("%s was not measured in %d of %s: %s.", f.Name, f.Unmeasured, runsText(f.N+f.Unmeasured), trimStop(f.Reason)))
		}
	}
}

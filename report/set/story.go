package set

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Headline is the verdict in one line.
func Headline(s *Set) string {
	runs := fmt.Sprintf("%s of %s", runsText(len(s.Runs)), s.Scenario)
	failed := count(s.Runs, func(r Run) bool { return r.Verdict == report.Fail })
	broken := 0
	for _, e := range s.Expectations {
		if !e.OK {
			broken++
		}
	}
	switch {
	case s.skipped():
		return fmt.Sprintf("SKIPPED: %s", s.Scenario)
	case s.Verdict == report.Error && s.Error != "":
		return fmt.Sprintf("ERROR: %s: %s", runs, firstLine(s.Error))
	case s.Verdict == report.Error && len(s.Runs) == 0:
		return fmt.Sprintf("ERROR: no run of %s was made", s.Scenario)
	case s.Verdict == report.Error:
		n := len(s.Runs) - len(Carried(s.Runs))
		return fmt.Sprintf("ERROR: %s, %d %s not carried out", runs, n, was(n))
	case s.Verdict == report.Fail && broken > 0:
		return fmt.Sprintf("FAIL: %s, %s", runs, notHeld(broken, len(s.Expectations)))
	case s.Verdict == report.Fail:
		return fmt.Sprintf("FAIL: %s, %d failed", runs, failed)
	case len(s.Expectations) > 0:
		return fmt.Sprintf("PASS: %s, %s", runs, allHeld(len(s.Expectations)))
	case len(s.Each) == 0:
		return fmt.Sprintf("PASS: %s; the scenario expects nothing", runs)
	default:
		return fmt.Sprintf("PASS: %s, every expectation held in all of them", runs)
	}
}

func allHeld(n int) string {
	if n == 1 {
		return "the expectation of the set held"
	}
	return fmt.Sprintf("all %d expectations of the set held", n)
}

func notHeld(broken, of int) string {
	switch {
	case of == 1:
		return "the expectation of the set did not hold"
	case broken == of:
		return fmt.Sprintf("none of %d expectations of the set held", of)
	}
	return fmt.Sprintf("%d of %d expectations of the set did not hold", broken, of)
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func count(runs []Run, is func(Run) bool) (n int) {
	for _, r := range runs {
		if is(r) {
			n++
		}
	}
	return n
}

// skipped tells whether nothing went wrong, but no run can be carried out on this runtime.
func (s *Set) skipped() bool {
	return len(s.Runs) > 0 && !slices.ContainsFunc(s.Runs, func(r Run) bool { return !r.Skipped })
}

// Story tells in sentences what the runs came to.
func Story(s *Set) (story []string) {
	for _, sentence := range []string{
		s.timeSentence(failoverTime, "The failover took", "The failover never came"),
		s.timeSentence(clientRecovery, "Applications were back after", "Applications never reached a new master"),
		s.timeSentence(unavailable, "The worst shard was unavailable for writes for", ""),
		s.lossSentence(),
		s.failedSentence(),
		s.failedRunsSentence(),
		s.outlierSentence(),
	} {
		if sentence != "" {
			story = append(story, sentence)
		}
	}
	for _, r := range s.Runs {
		if r.Verdict == report.Error {
			story = append(story, fmt.Sprintf("Run %s was not carried out: %s.", r.ID, trimStop(firstLine(r.Error))))
		}
	}
	return story
}

// timeSentence tells a time of the runs: what took so long, and what never happened where it never
// came.
func (s *Set) timeSentence(name, took, never string) string {
	f := s.Figure(name)
	if f == nil || f.N == 0 {
		return ""
	}
	came := values(s.Runs, name, func(v stats.Value) bool { return !v.IsNever() })
	median := fmt.Sprintf("%s **%s** in the median of %s%s", took, Text(f.Unit, *f.Median), runsText(f.N), certainty(f))
	switch {
	case f.Never == f.N:
		return fmt.Sprintf("%s in **%d of %s**.", never, f.Never, runsText(f.N))
	case f.N == 1:
		return fmt.Sprintf("%s **%s** in the only run that tells.", took, Text(f.Unit, *f.Median))
	case f.Never == 0:
		return fmt.Sprintf("%s, and %s in the slowest.", median, Text(f.Unit, *f.Max))
	}
	others := between(f.Unit, &came[0], &came[len(came)-1])
	if f.Median.IsNever() {
		return fmt.Sprintf("%s in **%d of %s**; in the others: %s.", never, f.Never, runsText(f.N), others)
	}
	return fmt.Sprintf("%s. %s in **%d** of them; in the others: %s.", median, never, f.Never, others)
}

// certainty is the interval of a median in parentheses; "" if it is bounded on neither side.
func certainty(f *Figure) string {
	low, high := f.MedianCI[0], f.MedianCI[1]
	switch {
	case low == nil && high == nil:
		return ""
	case high == nil || high.IsNever():
		return fmt.Sprintf(" (95 %% interval: %s or more)", Text(f.Unit, *low))
	case low == nil:
		return fmt.Sprintf(" (95 %% interval: %s or less)", Text(f.Unit, *high))
	default:
		return fmt.Sprintf(" (95 %% interval: %s)", between(f.Unit, low, high))
	}
}

// values are those of a figure that are kept, sorted.
func values(runs []Run, name string, keep func(stats.Value) bool) (all []stats.Value) {
	for _, r := range Carried(runs) {
		if v, ok := r.Values[name]; ok && keep(v) {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

func (s *Set) lossSentence() string {
	f := s.Figure(lostWrites)
	if f == nil || f.N == 0 {
		return ""
	}
	losing := len(values(s.Runs, lostWrites, func(v stats.Value) bool { return v > 0 }))
	switch {
	case losing == 0 && f.N == 1:
		return "No acked write was lost."
	case losing == 0:
		return fmt.Sprintf("No acked write was lost in any of %s.", runsText(f.N))
	default:
		return fmt.Sprintf("Acked writes were lost in %d of %s: **%s** in the median, up to %s.", losing, runsText(f.N), Text(f.Unit, *f.Median), Text(f.Unit, *f.Max))
	}
}

func (s *Set) failedSentence() string {
	f := s.Figure(failedRatio)
	switch {
	case f == nil || f.N == 0:
		return ""
	case *f.Max == 0:
		return "No operation failed."
	default:
		return fmt.Sprintf("%s of operations failed in the median, up to %s.", Text(f.Unit, *f.Median), Text(f.Unit, *f.Max))
	}
}

// failedRunsSentence tells which expectations single runs did not hold.
func (s *Set) failedRunsSentence() string {
	var parts []string
	for _, e := range s.Each {
		if n := e.Of - e.Held; n > 0 {
			parts = append(parts, fmt.Sprintf("`%s` in %d", e.Name, n))
		}
	}
	failed := count(s.Runs, func(r Run) bool { return r.Verdict == report.Fail })
	if failed == 0 || len(parts) == 0 {
		return ""
	}
	of := fmt.Sprintf("%d of %s", failed, runsText(len(Carried(s.Runs))))
	return fmt.Sprintf("%s did not hold every expectation: %s.", of, strings.Join(parts, ", "))
}

// outlierSentence names the runs whose figures of headline stand out.
func (s *Set) outlierSentence() string {
	by := map[string][]string{}
	for _, name := range headline() {
		f := s.Figure(name)
		if f == nil {
			continue
		}
		for _, o := range f.Outliers {
			by[o.Run] = append(by[o.Run], fmt.Sprintf("`%s` %s", name, Text(f.Unit, o.Value)))
		}
	}
	var parts []string
	for _, r := range s.Runs {
		if out := by[r.ID]; len(out) > 0 {
			parts = append(parts, fmt.Sprintf("%s (%s)", s.short(r.ID), strings.Join(out, ", ")))
		}
	}
	const named = 4
	switch n := len(parts); {
	case n == 0:
		return ""
	case n == 1:
		return fmt.Sprintf("Outlier: %s.", parts[0])
	case n > named:
		return fmt.Sprintf("Outliers: %s, and %d more.", strings.Join(parts[:named], ", "), n-named)
	default:
		return fmt.Sprintf("Outliers: %s.", strings.Join(parts, ", "))
	}
}

// passedShare tells whether an expectation is about the share of runs that passed.
func (e Expectation) passedShare() bool { return e.Statistic == expect.StatisticPassed }

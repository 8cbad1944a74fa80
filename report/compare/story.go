package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Headline is the verdict in one line.
func Headline(c *Comparison) string {
	worse, better, changed := c.named(Worse), c.named(Better), c.named(Changed)
	var parts []string
	for _, of := range []struct {
		how   string
		names []string
	}{{"worse", worse}, {"changed", changed}, {"better", better}} {
		if len(of.names) > 0 {
			parts = append(parts, of.how+" in "+firstFew(of.names))
		}
	}
	switch {
	case len(c.broken()) > 0:
		return fmt.Sprintf("FAIL: %s is worse in %s than the bounds allow", firstFew(c.broken()), c.B.Name)
	case len(parts) > 0:
		return fmt.Sprintf("%s: %s is %s", strings.ToUpper(string(c.Verdict)), c.B.Name, strings.Join(parts, ", "))
	case c.Verdict == Undecided:
		return fmt.Sprintf("TOO FEW RUNS to tell whether %s differs from %s", c.B.Name, c.A.Name)
	default:
		return fmt.Sprintf("NO CHANGE FOUND between %s and %s", c.A.Name, c.B.Name)
	}
}

func (c *Comparison) named(v Verdict) (names []string) {
	for _, f := range c.Figures {
		if f.Verdict == v {
			names = append(names, f.Name)
		}
	}
	return names
}

// firstFew is some names in a sentence.
func firstFew(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return enumerated(names)
}

func enumerated(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Story tells in sentences how B differs from A.
func Story(c *Comparison) (story []string) {
	for _, f := range c.Figures {
		if f.Verdict.Sure() {
			story = append(story, fmt.Sprintf("%s is %s: %s; p = %s.", page.Code(f.Name), f.Verdict, f.change(), probability(*f.Corrected)))
		}
	}
	for _, sentence := range []string{c.phasesSentence(), c.fewSentence(), c.unchangedSentence(), c.undecidedSentence()} {
		if sentence != "" {
			story = append(story, sentence)
		}
	}
	return story
}

// phasesSentence says which phases of the failover a change comes from.
func (c *Comparison) phasesSentence() string {
	by := map[Verdict][]string{}
	for _, f := range c.Figures {
		if !slices.Contains(figures.Phases(), f.Name) {
			continue
		}
		switch {
		case f.Verdict.Sure():
			estimate, _ := f.shift()
			by[Changed] = append(by[Changed], fmt.Sprintf("%s (%s)", page.Code(f.Name), estimate))
		case f.Verdict != Unmeasured:
			by[Unchanged] = append(by[Unchanged], page.Code(f.Name))
		}
	}
	switch {
	case len(by[Changed]) == 0:
		return ""
	case len(by[Unchanged]) == 0:
		return fmt.Sprintf("Of the failover's phases, %s changed.", enumerated(by[Changed]))
	default:
		return fmt.Sprintf("Of the failover's phases, %s changed; no change was found in %s.", enumerated(by[Changed]), enumerated(by[Unchanged]))
	}
}

// fewSentence says when there are too few runs for any change to be found.
func (c *Comparison) fewSentence() string {
	n, least := min(c.A.Runs, c.B.Runs), leastRuns(c.Figures)
	if n >= least {
		return ""
	}
	return fmt.Sprintf("%s in each set cannot tell any change from chance: it takes at least %d in each.", runsText(n), least)
}

// leastRuns is how many runs of each set can show a change, if it is large enough: in one of the
// primary figures.
func leastRuns(figures []Figure) int {
	var all shares
	for _, f := range figures {
		if f.Verdict != Same && f.Verdict != Unmeasured {
			all.add(f.primary)
		}
	}
	if all.primary == 0 && all.others == 0 {
		return 0
	}
	return stats.LeastRuns(level * all.of(all.primary > 0))
}

// unchangedSentence tells of the figures that matter first and have no change.
func (c *Comparison) unchangedSentence() string {
	var parts []string
	for _, f := range c.Figures {
		if f.Verdict != Unchanged || rank(f.Name) >= len(primaryFigures()) {
			continue
		}
		part := page.Code(f.Name)
		if _, ci := f.relative(); ci != "" {
			part += fmt.Sprintf(" (%s)", ci)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("No change found in %s.", enumerated(parts))
}

// undecidedSentence tells of the figures that matter first and how many runs they would take.
func (c *Comparison) undecidedSentence() string {
	var parts []string
	for _, f := range c.Figures {
		if n := min(f.A.N, f.B.N); f.Verdict == Undecided && rank(f.Name) < len(primaryFigures()) && f.Needed != nil && *f.Needed > n {
			parts = append(parts, fmt.Sprintf("%s takes %d (%d more)", page.Code(f.Name), *f.Needed, *f.Needed-n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("Too few runs in each set to find a change by %.0f %%: %s.", find*100, enumerated(parts))
}

package tune

import (
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
)

// writeMarkdown renders the recommendation first, the details after.
func writeMarkdown(w io.Writer, t *Tune) error {
	d := newDecision(t)
	headline, _, _ := strings.Cut(t.Recommendation.Sentence, ": ")
	var story []string
	if t.Error != "" {
		story = append(story, "Not all was measured: "+t.Error)
	}
	if t.Recommendation.Sentence != "" {
		story = append(story, t.Recommendation.Sentence)
	}
	story = append(story, d.beside()...)
	if t.Recommendation.Rule != "" {
		story = append(story, "The rule: "+t.Recommendation.Rule)
	}
	sections := append(d.constraintsSection(), d.values())
	return page.WriteMarkdown(w, "chaos tune "+t.Scenario+": "+headline, story, append(sections, d.sections()...))
}

// constraintsSection is empty without constraints, or without a point to hold them against.
func (d *decision) constraintsSection() []page.Section {
	of, constraints := d.held()
	if len(constraints) == 0 {
		return nil
	}
	s := page.Section{Title: "Constraints", Columns: page.Columns("", "constraint", ">asked", ">"+of)}
	for _, h := range constraints {
		sign := "❌"
		if h.Met {
			sign = "✅"
		}
		s.Rows = append(s.Rows, []string{sign, page.Code(h.Flag), h.Asked, h.Found})
	}
	return []page.Section{s}
}

package render

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// summary ends a run on a terminal.
func summary(r *report.Result, o page.TextOptions) string {
	headline := prose.Headline(r)
	if o.OmitError {
		headline = prose.Title(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", map[report.Verdict]page.Colour{report.Pass: page.Green, report.Fail: page.Red, report.Error: page.Yellow}[r.Verdict].Paint(visible.Line(headline), o.Colour))
	for _, sentence := range prose.Story(r) {
		fmt.Fprintf(&b, "  %s\n", visible.Line(sentence))
	}
	if len(r.Expectations) > 0 {
		b.WriteString("\n")
	}
	name, want := 0, 0
	for _, e := range r.Expectations {
		name, want = max(name, len(e.Name)), max(want, len(e.Want))
	}
	for _, e := range r.Expectations {
		sign := page.Green.Paint("ok  ", o.Colour)
		if !e.OK {
			sign = page.Red.Paint("FAIL", o.Colour)
		}
		fmt.Fprintf(&b, "  %s  %-*s  want %-*s  got %s\n", sign, name, visible.Line(e.Name), want, visible.Line(e.Want), visible.Line(e.Shown))
	}
	if len(r.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", visible.Line(n))
	}
	return b.String()
}

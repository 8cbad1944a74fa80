package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Text renders the summary that ends a run on a terminal. It holds no control
// characters but those of its own colours.
func Text(o page.TextOptions) Renderer {
	return func(w io.Writer, r *report.Result) error {
		if _, err := io.WriteString(w, summary(r, o)); err != nil {
			return fmt.Errorf("writing the summary: %w", err)
		}
		return nil
	}
}

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

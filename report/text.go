package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// TextOptions are how the summary is rendered.
type TextOptions struct {
	Colour bool
	// OmitError leaves the run's error out of the headline: it is told elsewhere.
	OmitError bool
}

// WriteText renders the summary that ends a run on a terminal. It holds no control
// characters but those of its own colours.
func WriteText(w io.Writer, r *Result, o TextOptions) error {
	headline := Headline(r)
	if o.OmitError {
		headline = Title(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", map[Verdict]page.Colour{Pass: page.Green, Fail: page.Red, Error: page.Yellow}[r.Verdict].Paint(visible.Line(headline), o.Colour))
	for _, sentence := range Story(r) {
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
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

package report

import (
	"fmt"
	"io"
	"strings"

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
	fmt.Fprintf(&b, "%s\n\n", paint(visible.Line(headline), map[Verdict]int{Pass: 32, Fail: 31, Error: 33}[r.Verdict], o.Colour))
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
		sign := paint("ok  ", 32, o.Colour)
		if !e.OK {
			sign = paint("FAIL", 31, o.Colour)
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

// paint wraps text in an ANSI colour.
func paint(text string, code int, colour bool) string {
	if !colour || code == 0 {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, text)
}

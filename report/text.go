package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteText renders the summary that ends a run on a terminal.
func WriteText(w io.Writer, r *Result, colour bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", paint(Headline(r), map[Verdict]int{Pass: 32, Fail: 31, Error: 33}[r.Verdict], colour))
	for _, sentence := range Story(r) {
		fmt.Fprintf(&b, "  %s\n", sentence)
	}
	if len(r.Expectations) > 0 {
		b.WriteString("\n")
	}
	name, want := 0, 0
	for _, e := range r.Expectations {
		name, want = max(name, len(e.Name)), max(want, len(e.Want))
	}
	for _, e := range r.Expectations {
		sign := paint("ok  ", 32, colour)
		if !e.OK {
			sign = paint("FAIL", 31, colour)
		}
		fmt.Fprintf(&b, "  %s  %-*s  want %-*s  got %s\n", sign, name, e.Name, want, e.Want, e.Shown)
	}
	if len(r.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", n)
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

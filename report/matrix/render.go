package matrix

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

//go:embed matrix.html.tmpl
var pageSource string

// WriteJSON renders matrix.json.
func WriteJSON(w io.Writer, m *Matrix) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(m)
	if err == nil {
		_, err = io.WriteString(w, visible.JSON(text.String()))
	}
	if err != nil {
		return fmt.Errorf("rendering matrix.json: %w", err)
	}
	return nil
}

// WriteMarkdown renders matrix.md.
func WriteMarkdown(w io.Writer, m *Matrix) error {
	if err := page.WriteMarkdown(w, Headline(m), Story(m), sections(m)); err != nil {
		return fmt.Errorf("rendering matrix.md: %w", err)
	}
	return nil
}

// WriteHTML renders matrix.html: one page that needs nothing but itself.
func WriteHTML(w io.Writer, m *Matrix) error {
	t, err := page.Parse("matrix.html", pageSource)
	if err == nil {
		badge, headline, _ := strings.Cut(Headline(m), ": ")
		err = page.Write(w, t, struct {
			*Matrix
			Badge, Headline string
			Story           []string
			Chart           *chart
			Details         []page.Section
		}{m, badge, headline, Story(m), draw(m), sections(m)})
	}
	if err != nil {
		return fmt.Errorf("rendering matrix.html: %w", err)
	}
	return nil
}

// WriteText renders the summary that ends on a terminal. It holds no control characters but
// those of its own colours.
func WriteText(w io.Writer, m *Matrix, colour bool) error {
	var b strings.Builder
	headline := visible.Line(Headline(m))
	if code := map[report.Verdict]int{report.Pass: 32, report.Fail: 31, report.Error: 33}[m.Verdict]; colour && code != 0 {
		headline = fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, headline)
	}
	b.WriteString(headline + "\n\n")
	for _, sentence := range Story(m) {
		fmt.Fprintf(&b, "  %s\n", visible.Line(sentence))
	}
	b.WriteString("\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  VARIANT\tSERVER\tRUNS\tFAILOVER TIME\tCLIENT RECOVERY\tLOST (MOST)\tNOT REPLACED\tEXPECTATIONS HELD")
	for _, v := range m.Variants {
		missed := "–"
		if v.NotReplaced.N > 0 {
			missed = fmt.Sprintf("%d of %d", v.NotReplaced.Count, v.NotReplaced.N)
		}
		fmt.Fprintf(t, "  %s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", visible.Line(v.Name), visible.Line(serverName(v.Set.Server)), len(v.ran()),
			v.median(figureFailoverTime), v.median("client_recovery"), v.most("lost_writes"), missed, v.held())
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	for _, n := range m.Notes {
		fmt.Fprintf(&b, "\n  note: %s\n", visible.Line(n))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

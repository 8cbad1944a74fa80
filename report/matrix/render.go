package matrix

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/plot"
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

// WriteHTML renders matrix.html: one page that needs nothing but itself, and links to the
// variants' and the runs'.
func WriteHTML(w io.Writer, m *Matrix) error {
	t, err := page.Parse("matrix.html", pageSource)
	var drawn template.HTML
	if err == nil {
		drawn, err = chart(m).HTML()
	}
	if err == nil {
		badge, headline, _ := strings.Cut(Headline(m), ": ")
		err = page.Write(w, t, content{m, badge, headline, Story(m), plot.Style(), drawn, sections(m)})
	}
	if err != nil {
		return fmt.Errorf("rendering matrix.html: %w", err)
	}
	return nil
}

// content is what the template shows.
type content struct {
	*Matrix
	Badge, Headline string // the verdict in capitals, and the rest
	Story           []string
	Style           template.CSS
	Chart           template.HTML
	Details         []page.Section
}

// WriteText renders the summary that ends a matrix on a terminal. It holds no control characters
// but those of its own colours.
func WriteText(w io.Writer, m *Matrix, o page.TextOptions) error {
	var b strings.Builder
	headline := visible.Line(Headline(m))
	if code := map[report.Verdict]int{report.Pass: 32, report.Fail: 31, report.Error: 33}[m.Verdict]; o.Colour && code != 0 {
		headline = fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, headline)
	}
	b.WriteString(headline + "\n\n")
	for _, sentence := range Story(m) {
		fmt.Fprintf(&b, "  %s\n", visible.Line(page.Plain(sentence)))
	}
	b.WriteString("\n" + page.Table(m.overview()))
	for _, n := range m.Notes {
		fmt.Fprintf(&b, "\n  note: %s\n", visible.Line(n))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// overview is the figures that matter first.
func (m *Matrix) overview() page.Section {
	s := page.Section{Columns: page.Columns("VARIANT", "SERVER", ">RUNS", ">FAILOVER TIME", ">CLIENT RECOVERY", ">LOST (MOST)", ">NOT REPLACED", ">HELD")}
	for _, v := range m.Variants {
		missed := "–"
		if v.NotReplaced.N > 0 {
			missed = fmt.Sprintf("%d of %d", v.NotReplaced.Count, v.NotReplaced.N)
		}
		s.Rows = append(s.Rows, []string{v.Name, serverName(v.Set.Server), fmt.Sprint(len(v.ran())), v.median(figureFailoverTime), v.median(figureClientRecovery),
			v.most(figureLostWrites), missed, v.held()})
	}
	return s
}

package set

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/plot"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// WriteJSON renders set.json.
func WriteJSON(w io.Writer, s *Set) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(s)
	if err == nil {
		_, err = io.WriteString(w, visible.JSON(text.String()))
	}
	if err != nil {
		return fmt.Errorf("rendering set.json: %w", err)
	}
	return nil
}

// WriteMarkdown renders set.md: what it came to first, the details after.
func WriteMarkdown(w io.Writer, s *Set) error {
	sections := whole(s.expectations(), s.figures(), s.phases(), s.outlierTable(), s.runs(), s.others(), s.made(), s.subject(), s.notes(), s.scenario())
	if err := page.WriteMarkdown(w, Headline(s), Story(s), sections); err != nil {
		return fmt.Errorf("rendering set.md: %w", err)
	}
	return nil
}

//go:embed set.html.tmpl
var source string

// WriteHTML renders set.html: one page that needs nothing but itself, and links to the runs'.
func WriteHTML(w io.Writer, s *Set) error {
	content, err := newContent(s)
	if err == nil {
		var p *template.Template
		if p, err = page.Parse("set.html", source); err == nil {
			err = page.Write(w, p, content)
		}
	}
	if err != nil {
		return fmt.Errorf("rendering set.html: %w", err)
	}
	return nil
}

// content is what the template shows.
type content struct {
	*Set
	Badge    string // the verdict in capitals
	Headline string
	Story    []string
	Style    template.CSS
	// Plots and Phases are the figures that matter first, drawn, and the phases of failovers.
	Plots, Phases []template.HTML
	Figures       page.Section
	PhaseTable    page.Section
	Details       []page.Section
}

func newContent(s *Set) (content, error) {
	badge, headline, _ := strings.Cut(Headline(s), ": ")
	c := content{Set: s, Badge: badge, Headline: headline, Story: Story(s), Style: plot.Style(), Figures: s.figures(), PhaseTable: s.phases(),
		Details: whole(s.outlierTable(), s.runs(), s.others(), s.made(), s.subject(), s.notes(), s.scenario())}
	var err error
	if c.Plots, err = drawn(s.plots(), true); err != nil {
		return c, err
	}
	c.Phases, err = drawn(s.plotsOf("Phases of the failover in each run", true, figures.Phases()), len(c.Plots) == 0)
	return c, err
}

// WriteText renders the summary that ends a set on a terminal. It holds no control characters but
// those of its own colours.
func WriteText(w io.Writer, s *Set, o page.TextOptions) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", map[report.Verdict]page.Colour{report.Pass: page.Green, report.Fail: page.Red, report.Error: page.Yellow}[s.Verdict].Paint(visible.Line(Headline(s)), o.Colour))
	for _, sentence := range Story(s) {
		fmt.Fprintf(&b, "  %s\n", visible.Line(plain(sentence)))
	}
	s.writeExpectations(&b, o.Colour)
	if table := s.figures(); len(table.Rows) > 0 {
		b.WriteString("\n" + textTable(table))
	}
	if table := s.phases(); len(table.Rows) > 0 {
		b.WriteString("\n" + textTable(table))
	}
	if len(s.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "  note: %s\n", visible.Line(n))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// writeExpectations lists those about the set, then those of each run.
func (s *Set) writeExpectations(b *strings.Builder, colour bool) {
	type row struct {
		ok, told        bool // told: it is not held against the set
		name, want, got string
	}
	var rows []row
	for _, e := range s.Expectations {
		rows = append(rows, row{e.OK, false, plain(e.Label()), e.Want, e.Shown})
	}
	for _, e := range s.Each {
		rows = append(rows, row{e.Held == e.Of, s.ByShare(), e.Name, e.Want, e.Shown()})
	}
	name, want := 0, 0
	for _, r := range rows {
		name, want = max(name, len(visible.Line(r.name))), max(want, len(visible.Line(r.want)))
	}
	if len(rows) > 0 {
		b.WriteString("\n")
	}
	for _, r := range rows {
		sign := page.Green.Paint("ok  ", colour)
		switch {
		case !r.ok && r.told:
			sign = "    "
		case !r.ok:
			sign = page.Red.Paint("FAIL", colour)
		}
		fmt.Fprintf(b, "  %s  %-*s  want %-*s  got %s\n", sign, name, visible.Line(r.name), want, visible.Line(r.want), visible.Line(r.got))
	}
}

// textTable aligns a table for a terminal.
func textTable(s page.Section) string {
	widths := make([]int, len(s.Columns))
	rows := [][]string{{}}
	for _, c := range s.Columns {
		rows[0] = append(rows[0], c.Name)
	}
	for _, r := range s.Rows {
		var cells []string
		for _, text := range r {
			cells = append(cells, visible.Line(plain(text)))
		}
		rows = append(rows, cells)
	}
	for _, r := range rows {
		for i, text := range r {
			widths[i] = max(widths[i], len([]rune(text)))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		line := ""
		for i, text := range r {
			space := strings.Repeat(" ", widths[i]-len([]rune(text)))
			if s.Columns[i].Right {
				line += "  " + space + text
			} else {
				line += "  " + text + space
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// plain is text without the marks of sections.
func plain(text string) string {
	var b strings.Builder
	for _, p := range page.Pieces(text) {
		b.WriteString(p.Text)
	}
	return b.String()
}

package set

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/plot"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Forms are those of a set.
func Forms() form.Forms[*Set] {
	return form.Forms[*Set]{
		Files: []form.Form[*Set]{
			form.File("set.json", form.JSON[*Set]),
			form.Page("set.md", writeMarkdown),
			form.Page("set.html", writeHTML),
			form.File("junit.xml", writeJUnit),
		},
		Summary: form.Summary("summary", (*Set).summary),
	}
}

// writeMarkdown tells what the set came to first, the details after.
func writeMarkdown(w io.Writer, s *Set) error {
	sections := whole(s.expectations(), s.figures(), s.phases(), s.outlierTable(), s.runs(), s.others(), s.made(), s.subject(), s.notes(), s.scenario())
	return page.WriteMarkdown(w, Headline(s), Story(s), sections)
}

//go:embed set.html.tmpl
var pageSource string

// writeHTML renders one page that needs nothing but itself, and links to the runs'.
func writeHTML(w io.Writer, s *Set) error {
	content, err := newContent(s)
	if err != nil {
		return err
	}
	return page.WriteHTML(w, "set.html", pageSource, content)
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

// summary ends a set on a terminal.
func (s *Set) summary(o page.TextOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", map[report.Verdict]page.Colour{report.Pass: page.Green, report.Fail: page.Red, report.Error: page.Yellow}[s.Verdict].Paint(visible.Line(Headline(s)), o.Colour))
	for _, sentence := range Story(s) {
		fmt.Fprintf(&b, "  %s\n", visible.Line(page.Plain(sentence)))
	}
	s.writeExpectations(&b, o.Colour)
	if table := s.figures(); len(table.Rows) > 0 {
		b.WriteString("\n" + page.Table(table))
	}
	if table := s.phases(); len(table.Rows) > 0 {
		b.WriteString("\n" + page.Table(table))
	}
	if len(s.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "  note: %s\n", visible.Line(n))
	}
	return b.String()
}

// writeExpectations lists those about the set, then those of each run.
func (s *Set) writeExpectations(b *strings.Builder, colour bool) {
	type row struct {
		ok, told        bool // told: it is not held against the set
		name, want, got string
	}
	var rows []row
	for _, e := range s.Expectations {
		rows = append(rows, row{e.OK, false, page.Plain(e.Label()), e.Want, e.Shown})
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

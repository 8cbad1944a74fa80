package matrix

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/plot"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

//go:embed matrix.html.tmpl
var pageSource string

// Forms are those of a matrix.
func Forms() form.Forms[*Matrix] {
	return form.Forms[*Matrix]{
		Files: []form.Form[*Matrix]{
			form.File("matrix.json", form.JSON[*Matrix]),
			form.Page("matrix.md", writeMarkdown),
			form.Page("matrix.html", writeHTML),
		},
		Summary: form.Summary("summary", (*Matrix).summary),
	}
}

func writeMarkdown(w io.Writer, m *Matrix) error {
	return page.WriteMarkdown(w, Headline(m), Story(m), sections(m))
}

// writeHTML renders one page that needs nothing but itself, and links to the variants' and the
// runs'.
func writeHTML(w io.Writer, m *Matrix) error {
	drawn, err := chart(m).HTML()
	if err != nil {
		return err
	}
	badge, headline, _ := strings.Cut(Headline(m), ": ")
	return page.WriteHTML(w, "matrix.html", pageSource, content{m, badge, headline, Story(m), plot.Style(), drawn, sections(m)})
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

// summary ends a matrix on a terminal.
func (m *Matrix) summary(o page.TextOptions) string {
	var b strings.Builder
	colour := map[report.Verdict]page.Colour{report.Pass: page.Green, report.Fail: page.Red, report.Error: page.Yellow}[m.Verdict]
	b.WriteString(colour.Paint(visible.Line(Headline(m)), o.Colour) + "\n\n")
	for _, sentence := range Story(m) {
		fmt.Fprintf(&b, "  %s\n", visible.Line(page.Plain(sentence)))
	}
	b.WriteString("\n" + page.Table(m.overview()))
	for _, n := range m.Notes {
		fmt.Fprintf(&b, "\n  note: %s\n", visible.Line(n))
	}
	return b.String()
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

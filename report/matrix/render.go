package matrix

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/figures"
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

// overview is the figures that matter first, as far as a run of any variant knows them.
func (m *Matrix) overview() page.Section {
	type column struct {
		head   string
		shown  bool
		figure func(v Variant) string
	}
	median := func(head, name string) column {
		return column{head, m.knows(name), func(v Variant) string { return v.median(name) }}
	}
	columns := []column{
		{"VARIANT", true, func(v Variant) string { return v.Name }},
		{"SERVER", true, func(v Variant) string { return serverName(v.Set.Server) }},
		{">RUNS", true, func(v Variant) string { return fmt.Sprint(len(v.ran())) }},
		median(">FAILOVER TIME", figureFailoverTime),
		median(">CLIENT RECOVERY", figureClientRecovery),
		median(">LOST", figureLostWrites),
		{">MOST", m.knows(figureLostWrites), func(v Variant) string { return v.most(figureLostWrites) }},
		{">NOT REPLACED", m.knows(figureFailoverTime) || slices.ContainsFunc(m.Variants, func(v Variant) bool { return v.NotReplaced.Count > 0 }), func(v Variant) string {
			if v.NotReplaced.N == 0 {
				return "–"
			}
			return fmt.Sprintf("%d of %d", v.NotReplaced.Count, v.NotReplaced.N)
		}},
		{">ACKED/S", m.knows(figures.Throughput), func(v Variant) string { return v.medianOf(figures.Throughput) }},
		{">P50", m.knows(figureLatencyP50), func(v Variant) string { return v.medianOf(figureLatencyP50) }},
		{">P99", m.knows(figureLatencyP99), func(v Variant) string { return v.medianOf(figureLatencyP99) }},
		{">HELD", true, Variant.held},
	}
	columns = slices.DeleteFunc(columns, func(c column) bool { return !c.shown })
	s := page.Section{}
	for _, c := range columns {
		s.Columns = append(s.Columns, page.Columns(c.head)...)
	}
	for _, v := range m.Variants {
		var row []string
		for _, c := range columns {
			row = append(row, c.figure(v))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

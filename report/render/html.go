package render

import (
	_ "embed"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render/drawing"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/render/tables"
)

//go:embed report.html.tmpl
var pageSource string

// HTML renders report.html: one page that needs nothing but itself.
func HTML(w io.Writer, r *report.Result) error {
	return page.WriteHTML(w, "report.html", pageSource, newPage(r))
}

// content is what the template shows.
type content struct {
	*report.Result
	Badge    string // the verdict in capitals
	Headline string
	Story    []string
	Drawing  *drawing.Drawing
	Details  []page.Section
}

func newPage(r *report.Result) content {
	badge, headline, _ := strings.Cut(prose.Title(r), ": ") // the error may be long, and has its own place
	return content{Result: r, Badge: badge, Headline: headline, Story: prose.Story(r), Drawing: drawing.Draw(r), Details: tables.Sections(r)}
}

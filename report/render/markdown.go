package render

import (
	"io"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/render/tables"
)

// Markdown renders report.md: what happened first, the details after.
func Markdown(w io.Writer, r *report.Result) error {
	var sections []page.Section
	if len(r.Expectations) > 0 {
		sections = append(sections, tables.Expectations(r))
	}
	return page.WriteMarkdown(w, prose.Headline(r), prose.Story(r), append(sections, tables.Sections(r)...))
}

// Package render makes the forms of a report: each of one value, the result, and of nothing
// else. What they have in common is in its folders: sentences, tables, and the timeline.
package render

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/form"
)

// Forms are those of the result of a run.
func Forms() form.Forms[*report.Result] {
	return form.Forms[*report.Result]{
		Files: []form.Form[*report.Result]{
			form.File("result.json", report.WriteJSON),
			form.Page("report.md", Markdown),
			form.Page("report.html", HTML),
			form.File("junit.xml", JUnit),
		},
		Summary: form.Summary("summary", summary),
	}
}

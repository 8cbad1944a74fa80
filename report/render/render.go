// Package render makes the forms of a report: each of one value, the result, and of nothing
// else. What they have in common is in its folders: sentences, tables, and the timeline.
package render

import (
	"io"

	"github.com/redis-chaos/redis-chaos/report"
)

// Renderer writes a result in one form.
type Renderer func(w io.Writer, r *report.Result) error

// Form is a file that a result is rendered to.
type Form struct {
	Name     string
	Readable bool // by people
	Render   Renderer
}

// Forms lists the files of a report, the result itself first.
func Forms() []Form {
	return []Form{
		{Name: "result.json", Render: report.WriteJSON},
		{Name: "report.md", Readable: true, Render: Markdown},
		{Name: "report.html", Readable: true, Render: HTML},
		{Name: "junit.xml", Render: JUnit},
	}
}

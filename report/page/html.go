package page

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

//go:embed style.css
var style string

//go:embed sections.html.tmpl
var sections string

// Style is how all pages look: their colours, by name, first.
func Style() template.CSS { return template.CSS(style) }

// WriteHTML renders a page that needs nothing but itself, and makes its text visible. Its template
// may use those of sections.html.tmpl, and {{style}} for how all pages look.
func WriteHTML(w io.Writer, name, source string, data any) error {
	t := template.New(name).Funcs(template.FuncMap{
		"pieces": Pieces,
		"style":  Style,
	})
	for _, of := range []string{sections, source} {
		if _, err := t.Parse(of); err != nil {
			return err
		}
	}
	var text strings.Builder
	if err := t.Execute(&text, data); err != nil {
		return err
	}
	_, err := io.WriteString(w, visible.Text(text.String()))
	return err
}

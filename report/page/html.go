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

// Parse reads the template of a page. It may use those of sections.html.tmpl, and {{style}} for
// how all pages look.
func Parse(name, source string) (*template.Template, error) {
	t := template.New(name).Funcs(template.FuncMap{
		"pieces": Pieces,
		"style":  Style,
	})
	if _, err := t.Parse(sections); err != nil {
		return nil, err
	}
	return t.Parse(source)
}

// Write renders a page, and makes its text visible.
func Write(w io.Writer, page *template.Template, data any) error {
	var text strings.Builder
	if err := page.Execute(&text, data); err != nil {
		return err
	}
	_, err := io.WriteString(w, visible.Text(text.String()))
	return err
}

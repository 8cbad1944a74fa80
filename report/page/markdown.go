package page

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// WriteMarkdown renders a report: its headline, what happened in sentences, and its sections.
func WriteMarkdown(w io.Writer, headline string, story []string, sections []Section) error {
	m := &markdown{}
	m.line("# %s", Inline(headline))
	m.line("")
	m.list(story)
	m.sections(sections)
	return m.writeTo(w)
}

// WriteMarkdownSections renders sections for a page that has a headline already.
func WriteMarkdownSections(w io.Writer, sections []Section) error {
	m := &markdown{}
	m.sections(sections)
	return m.writeTo(w)
}

// markdown is a report being written.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(m, format+"\n", args...)
}

func (m *markdown) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, strings.TrimRight(m.String(), "\n")+"\n")
	return err
}

func (m *markdown) sections(all []Section) {
	for _, s := range all {
		m.section(s)
	}
}

func (m *markdown) section(s Section) {
	m.line("## %s\n", Inline(s.Title))
	m.paragraph(s.Intro)
	if len(s.Rows) > 0 {
		m.table(s)
	}
	for _, items := range s.Lists {
		m.list(items)
	}
	m.pre(s.Pre)
	m.paragraph(s.Outro)
}

func (m *markdown) paragraph(text string) {
	if text != "" {
		m.line("%s\n", Inline(text))
	}
}

func (m *markdown) list(items []string) {
	for _, item := range items {
		m.line("- %s", Inline(item))
	}
	m.line("")
}

func (m *markdown) table(s Section) {
	var names, rule []string
	for _, c := range s.Columns {
		names = append(names, Cell(c.Name))
		if c.Right {
			rule = append(rule, "---:")
		} else {
			rule = append(rule, "---")
		}
	}
	m.line("| %s |", strings.Join(names, " | "))
	m.line("| %s |", strings.Join(rule, " | "))
	for i, row := range s.Rows {
		var cells []string
		for j, text := range row {
			text = Cell(text)
			if link := s.Link(i); j == 0 && link != "" {
				text = fmt.Sprintf("[%s](%s)", text, target(link))
			}
			cells = append(cells, text)
		}
		m.line("| %s |", strings.Join(cells, " | "))
	}
	m.line("")
}

// target is a path as the target of a link.
func target(path string) string {
	escaped := (&url.URL{Path: path}).String()
	return strings.NewReplacer("(", "%28", ")", "%29", "|", "%7C").Replace(escaped)
}

// pre fences text by more backquotes than it has in a row.
func (m *markdown) pre(text string) {
	if text == "" {
		return
	}
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.line("%s\n%s\n%s\n", fence, strings.TrimRight(visible.Text(text), "\n"), fence)
}

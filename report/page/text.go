package page

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Plain is text without the two marks of sections.
func Plain(text string) string {
	var b strings.Builder
	for _, p := range Pieces(text) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Table aligns the table of a section for a terminal, with two spaces before each column.
func Table(s Section) string {
	rows := [][]string{nil}
	for _, c := range s.Columns {
		rows[0] = append(rows[0], c.Name)
	}
	rows = append(rows, s.Rows...)
	widths := make([]int, len(s.Columns))
	for i, row := range rows {
		cells := make([]string, len(row))
		for j, text := range row {
			cells[j] = visible.Line(Plain(text))
			widths[j] = max(widths[j], utf8.RuneCountInString(cells[j]))
		}
		rows[i] = cells
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for j, text := range row {
			space := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(text))
			if s.Columns[j].Right {
				text = space + text
			} else {
				text += space
			}
			line.WriteString("  " + text)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// Colour is one of a terminal's.
type Colour int

// The colours of a terminal that reports use. None leaves a text as it is.
const (
	None   Colour = 0
	Red    Colour = 31
	Green  Colour = 32
	Yellow Colour = 33
)

// Paint colours a text, if the terminal takes colours.
func (c Colour) Paint(text string, coloured bool) string {
	if !coloured || c == None {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", c, text)
}

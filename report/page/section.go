// Package page is what reports have in common: their sections, how text becomes Markdown and
// HTML that shows it, and how a page looks.
package page

import "strings"

// Section is a part of a report, whatever form it is rendered in. Its texts may
// hold two marks, which are Markdown's: `code` and **strong**.
type Section struct {
	Title   string
	Intro   string
	Columns []Column
	Rows    [][]string
	// Links is where the first cell of each row leads, from the folder of the report; nil if no
	// row has a link, and "" for one that has none.
	Links []string
	Lists [][]string
	// Pre is shown as it is, line by line.
	Pre   string
	Outro string
	// Folded is closed on a page until it is asked for.
	Folded bool
}

// IsEmpty tells whether the section has nothing to tell.
func (s Section) IsEmpty() bool {
	for _, items := range s.Lists {
		if len(items) > 0 {
			return false
		}
	}
	return len(s.Rows) == 0 && s.Pre == ""
}

// Link is where the first cell of a row leads; "" is nowhere.
func (s Section) Link(row int) string {
	if row >= len(s.Links) {
		return ""
	}
	return s.Links[row]
}

// Column is a column of a section's table.
type Column struct {
	Name  string
	Right bool // aligned right, as figures are
}

// Columns names columns; > before a name aligns it right.
func Columns(names ...string) []Column {
	var all []Column
	for _, n := range names {
		name, right := strings.CutPrefix(n, ">")
		all = append(all, Column{name, right})
	}
	return all
}

// Piece is a stretch of text of one look.
type Piece struct {
	Text         string
	Code, Strong bool
}

// Pieces resolves the two marks that the texts of sections hold. A mark that came from
// elsewhere changes the looks of its own text, and nothing else.
func Pieces(text string) []Piece {
	var all []Piece
	for i, outer := range paired(text, "`") {
		if i%2 == 1 {
			all = append(all, Piece{Text: outer, Code: true})
			continue
		}
		for j, inner := range paired(outer, "**") {
			all = append(all, Piece{Text: inner, Strong: j%2 == 1})
		}
	}
	return all
}

// paired splits text at a mark; the pieces at odd indexes are between two marks.
func paired(text, mark string) []string {
	parts := strings.Split(text, mark)
	if n := len(parts); n%2 == 0 { // the last mark has no partner
		parts = append(parts[:n-2], parts[n-2]+mark+parts[n-1])
	}
	return parts
}

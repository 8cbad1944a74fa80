package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a scenario, or worth a warning, and where.
type Problem struct {
	// File, Line and Column locate it in the scenario file, counted from 1.
	File         string
	Line, Column int
	// Set is the PATH=VALUE to blame instead, where the value came from --set.
	Set string
	// Msg says what is wrong and what would be right.
	Msg string

	setIndex int
}

func (p Problem) Error() string {
	if p.Set != "" || p.setIndex > 0 {
		return fmt.Sprintf("--set %s: %s", p.Set, shorten(p.Msg))
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, shorten(p.Msg))
}

// shorten takes out the middle of a text that nobody would read to its end, such as a
// message about a name of 100,000 characters.
func shorten(text string) string {
	const most = 1000
	if len(text) <= most {
		return text
	}
	// No character is cut in two.
	return strings.ToValidUTF8(text[:most/2], "") + " … " + strings.ToValidUTF8(text[len(text)-most/2:], "")
}

// Invalid is the error of a scenario that cannot be run: all of its problems,
// in the order of the file, those of --set last.
type Invalid struct {
	Problems []Problem
}

// Error has one line a problem, of the first ones.
func (e *Invalid) Error() string {
	const most = 50
	var lines []string
	for i, p := range e.Problems {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Problems)-most))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// Problems collects what is wrong while a scenario is read.
type Problems struct {
	File     string
	List     []Problem
	Warnings []Problem
	blamed   map[*Node]bool
}

// At adds a problem at a position.
func (ps *Problems) At(pos Position, format string, args ...any) {
	ps.List = append(ps.List, ps.problem(pos, format, args))
}

// WarnAt adds a warning at a position.
func (ps *Problems) WarnAt(pos Position, format string, args ...any) {
	ps.Warnings = append(ps.Warnings, ps.problem(pos, format, args))
}

func (ps *Problems) problem(pos Position, format string, args []any) Problem {
	return Problem{
		File: cmp.Or(pos.File, ps.File), Line: pos.Line, Column: pos.Column,
		Set: pos.Set, setIndex: pos.SetIndex,
		Msg: fmt.Sprintf(format, args...),
	}
}

// Blame adds a problem with the value of a node, unless that node has one
// already: what follows from a mistake is not worth a second message.
func (ps *Problems) Blame(n *Node, format string, args ...any) {
	if !ps.Mark(n) {
		return
	}
	prefix := n.Name + ": "
	if n.Name == "" || n.Pos.setNames(n.Name) {
		prefix = ""
	}
	ps.At(n.Pos, "%s%s", prefix, fmt.Sprintf(format, args...))
}

// Mark notes that a node has a problem; false if it had one already.
func (ps *Problems) Mark(n *Node) bool {
	if ps.blamed[n] {
		return false
	}
	if ps.blamed == nil {
		ps.blamed = map[*Node]bool{}
	}
	ps.blamed[n] = true
	return true
}

// Sound tells whether neither the node nor anything in it has a problem.
func (ps *Problems) Sound(n *Node) bool {
	if n == nil {
		return true
	}
	if ps.blamed[n] {
		return false
	}
	for _, child := range n.Children() {
		if !ps.Sound(child) {
			return false
		}
	}
	return true
}

// Err is nil or an *Invalid.
func (ps *Problems) Err() error {
	if len(ps.List) == 0 {
		return nil
	}
	SortProblems(ps.List)
	return &Invalid{Problems: ps.List}
}

// SortProblems puts problems in the order of each file, those of --set last.
func SortProblems(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.setIndex, b.setIndex),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
		)
	})
}

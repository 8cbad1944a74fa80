// Package document is a YAML document as a tree of plain values, with the position of each, and what is
// wrong with them: which line and column to blame, or which --set.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Kind is what a node is.
type Kind int

// What a node can be.
const (
	Null Kind = iota
	Scalar
	List
	Mapping
)

// Node is a value of a YAML document, reduced to what a scenario may hold. It
// is plain data so that --set can change it before anything is decoded.
type Node struct {
	Kind Kind
	// Name is the key or the list element ("faults[0]") that holds the value.
	Name string
	Pos  Position

	Text   string // of a scalar: its source text, or the value of a quoted one
	Quoted bool
	Items  []*Node // of a list
	Fields []Field // of a mapping, in order, each name once
}

// Field is a key of a mapping, and its value.
type Field struct {
	Name  string
	Pos   Position
	Value *Node
}

// Field finds a key of a mapping; nil if it is absent.
func (n *Node) Field(name string) *Node {
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// KeyPosition is where a key of a mapping stands, which has to be there.
func (n *Node) KeyPosition(name string) Position {
	i := slices.IndexFunc(n.Fields, func(f Field) bool { return f.Name == name })
	return n.Fields[i].Pos
}

// At finds a value by its path, such as "except[1].zone"; itself if that is empty. A value that stands
// where a list may is the item [0] of that.
func (n *Node) At(path string) *Node {
	for step := range strings.SplitSeq(path, ".") {
		name, number, isItem := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		if name != "" {
			n = n.Field(name)
		}
		if i, err := strconv.Atoi(number); isItem && err == nil && n != nil && n.Kind == List {
			n = n.Item(i)
		}
	}
	return n
}

// Item finds an element of a list; nil if it is absent.
func (n *Node) Item(i int) *Node {
	if n == nil || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

// Children is what is directly in a node.
func (n *Node) Children() []*Node {
	children := slices.Clone(n.Items)
	for _, f := range n.Fields {
		children = append(children, f.Value)
	}
	return children
}

// Describe names the kind of a value for messages.
func (n *Node) Describe() string {
	switch n.Kind {
	case List:
		return "a list"
	case Mapping:
		return "a mapping"
	case Scalar:
		return fmt.Sprintf("%q", n.Text)
	default:
		return "no value"
	}
}

// ReadTree parses a YAML document. It returns nil where there is no tree to go
// on with, and then ps holds the reason.
func ReadTree(ps *Problems, data []byte) *Node {
	start := Position{Line: 1, Column: 1}
	if len(data) > MaxSize {
		ps.At(start, "the file is larger than %d bytes, which is the most that a scenario may have", MaxSize)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := InvalidText(data); at >= 0 {
		ps.At(positionIn(data, at), "the byte 0x%02x is not UTF-8; save the file as UTF-8", data[at])
		return nil
	}
	tokens := joinAtColons(lexer.Tokenize(string(data)))
	if third := beyond(tokens, token.DocumentHeaderType, 2); third != nil {
		ps.At(positionOfToken(third), "another document in the file; write one scenario per file")
		return nil
	}
	if deep := tooDeep(tokens); deep != nil {
		ps.At(positionOfToken(deep), "more than %d lists and mappings in each other; a scenario has a few", MaxDepth)
		return nil
	}
	if more := beyond(tokens, token.MappingValueType, maxFields); more != nil {
		ps.At(positionOfToken(more), "more than %d keys; a scenario has a few hundred", maxFields)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		blameSyntax(ps, data, err)
		return nil
	}
	var root ast.Node
	for _, doc := range file.Docs {
		switch doc.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.DirectiveNode:
			continue
		}
		if root != nil {
			ps.At(positionOf(doc.Body), "a second document in the file; write one scenario per file")
			return nil
		}
		root = doc.Body
	}
	if root == nil {
		ps.At(start, "the file is empty; a scenario needs at least a name and a duration")
		return nil
	}
	reader := treeReader{ps}
	n := reader.read(root, "")
	if n.Kind != Mapping {
		if ps.Sound(n) {
			ps.Blame(n, "the file holds %s; a scenario is a mapping, such as name: master-kill", n.Describe())
		}
		return nil
	}
	return n
}

// blameSyntax turns an error of the YAML library into a problem.
func blameSyntax(ps *Problems, data []byte, err error) {
	pos := Position{Line: 1, Column: 1}
	var msg string
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) { // its Error draws the source, which takes long where that is
		msg = syntax.Message
		if syntax.Token != nil && syntax.Token.Position != nil {
			pos = positionOfToken(syntax.Token)
		}
	} else {
		msg = strings.Join(strings.Fields(err.Error()), " ")
	}
	hint := ""
	lines := strings.Split(string(data), "\n")
	if pos.Line <= len(lines) {
		_, value, found := strings.Cut(lines[pos.Line-1], ": ")
		if value = strings.TrimSpace(value); found && strings.HasPrefix(value, ">") {
			hint = fmt.Sprintf("; put a bound that begins with > in quotes: %q", value)
		}
	}
	ps.At(pos, "not valid YAML: %s%s", msg, hint)
}

// treeReader turns the library's syntax tree into nodes.
type treeReader struct {
	ps *Problems
}

func (r treeReader) read(from ast.Node, name string) *Node {
	n := &Node{Name: name, Pos: positionOf(from)}
	switch from := from.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode:
		n.Kind = Mapping
		for _, value := range from.Values {
			r.readField(n, value)
		}
	case *ast.MappingValueNode:
		n.Kind = Mapping
		r.readField(n, from)
	case *ast.SequenceNode:
		n.Kind = List
		for i, value := range from.Values {
			item := r.read(value, fmt.Sprintf("%s[%d]", name, i))
			if isImplicit(value) && i < len(from.Entries) {
				item.Pos = positionOfToken(from.Entries[i].Start)
			}
			n.Items = append(n.Items, item)
		}
	case *ast.LiteralNode:
		n.Kind, n.Text, n.Quoted = Scalar, from.Value.Value, true
	case *ast.StringNode:
		n.Kind, n.Text = Scalar, from.Value
		n.Quoted = from.Token.Type == token.SingleQuoteType || from.Token.Type == token.DoubleQuoteType
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.Kind, n.Text = Scalar, from.GetToken().Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		r.ps.Blame(n, "YAML anchors, aliases and merges are not supported; write the value out")
	case *ast.TagNode:
		r.ps.Blame(n, "YAML tags such as %s are not supported; leave it out", from.Start.Value)
	default:
		r.ps.Blame(n, "YAML of this form (%s) is not supported in a scenario", from.Type())
	}
	return n
}

func (r treeReader) readField(mapping *Node, from *ast.MappingValueNode) {
	pos := positionOf(from.Key)
	var name string
	switch key := from.Key.(type) {
	case *ast.StringNode:
		name = key.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		name = key.GetToken().Value
	case *ast.MergeKeyNode:
		r.ps.Mark(mapping)
		r.ps.At(pos, "YAML anchors, aliases and merges are not supported; write the value out")
		return
	default:
		r.ps.Mark(mapping)
		r.ps.At(pos, "a key must be a plain name, such as masters")
		return
	}
	for _, f := range mapping.Fields {
		if f.Name == name {
			r.ps.At(pos, "duplicate key %q; it is on line %d already", name, f.Pos.Line)
			return
		}
	}
	value := r.read(from.Value, name)
	if isImplicit(from.Value) {
		value.Pos = pos // there is nothing else to point at
	}
	mapping.Fields = append(mapping.Fields, Field{Name: name, Pos: pos, Value: value})
}

// isImplicit tells whether the value is nothing, and not even written as null.
func isImplicit(n ast.Node) bool {
	null, ok := n.(*ast.NullNode)
	return ok && null.Token.Type == token.ImplicitNullType
}

// positionOf is where a person would point at for the value: the library
// itself places a block mapping at its first colon.
func positionOf(n ast.Node) Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return positionOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return positionOf(n.Key)
	case nil:
		return Position{Line: 1, Column: 1}
	}
	return positionOfToken(n.GetToken())
}

func positionOfToken(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{Line: 1, Column: 1}
	}
	return Position{Line: max(t.Position.Line, 1), Column: max(t.Position.Column, 1)}
}

// MoveTo gives a position to a node and all that is in it.
func (n *Node) MoveTo(pos Position) {
	n.Pos = pos
	for i := range n.Fields {
		n.Fields[i].Pos = pos
	}
	for _, child := range n.Children() {
		child.MoveTo(pos)
	}
}

// Position is where a node of the tree came from.
type Position struct {
	// File is that of a value which the document has from another file; "" for its own.
	File         string
	Line, Column int
	Set          string // the PATH=VALUE, where it came from --set
	SetIndex     int
}

// setNames tells whether the path of the --set ends with the name, so that a
// message need not repeat it.
func (pos Position) setNames(name string) bool {
	path, _, _ := strings.Cut(pos.Set, "=")
	return path == name || strings.HasSuffix(path, "."+name)
}

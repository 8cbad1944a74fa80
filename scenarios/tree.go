package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// These keep the YAML parser, which recurses and takes more than linear time, away from
// files that cannot be scenarios.
const (
	maxFileSize = 128 << 10
	maxDepth    = 32
	maxFields   = 8000
)

type nodeKind int

const (
	nullNode nodeKind = iota
	scalarNode
	listNode
	mappingNode
)

// node is a value of a YAML document, reduced to what a scenario may hold. It
// is plain data so that --set can change it before anything is decoded.
type node struct {
	kind nodeKind
	// name is the key or the list element ("faults[0]") that holds the value.
	name string
	pos  position

	text   string // of a scalar: its source text, or the value of a quoted one
	quoted bool
	items  []*node // of a list
	fields []field // of a mapping, in order, each name once
}

type field struct {
	name  string
	pos   position
	value *node
}

// field finds a key of a mapping; nil if it is absent.
func (n *node) field(name string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// item finds an element of a list; nil if it is absent.
func (n *node) item(i int) *node {
	if n == nil || i >= len(n.items) {
		return nil
	}
	return n.items[i]
}

func (n *node) children() []*node {
	children := slices.Clone(n.items)
	for _, f := range n.fields {
		children = append(children, f.value)
	}
	return children
}

// describe names the kind of a value for messages.
func (n *node) describe() string {
	switch n.kind {
	case listNode:
		return "a list"
	case mappingNode:
		return "a mapping"
	case scalarNode:
		return fmt.Sprintf("%q", n.text)
	default:
		return "no value"
	}
}

// readTree parses a YAML document. It returns nil where there is no tree to go
// on with, and then ps holds the reason.
func readTree(ps *problems, data []byte) *node {
	start := position{line: 1, column: 1}
	if len(data) > maxFileSize {
		ps.at(start, "the file is larger than %d bytes, which is the most that a scenario may have", maxFileSize)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalidText(data); at >= 0 {
		ps.at(positionIn(data, at), "the byte 0x%02x is not UTF-8; save the file as UTF-8", data[at])
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if third := beyond(tokens, token.DocumentHeaderType, 2); third != nil {
		ps.at(positionOfToken(third), "another document in the file; write one scenario per file")
		return nil
	}
	if deep := tooDeep(tokens); deep != nil {
		ps.at(positionOfToken(deep), "more than %d lists and mappings in each other; a scenario has a few", maxDepth)
		return nil
	}
	if more := beyond(tokens, token.MappingValueType, maxFields); more != nil {
		ps.at(positionOfToken(more), "more than %d keys; a scenario has a few hundred", maxFields)
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
			ps.at(positionOf(doc.Body), "a second document in the file; write one scenario per file")
			return nil
		}
		root = doc.Body
	}
	if root == nil {
		ps.at(start, "the file is empty; a scenario needs at least a name and a duration")
		return nil
	}
	reader := treeReader{ps}
	n := reader.read(root, "")
	if n.kind != mappingNode {
		if ps.sound(n) {
			ps.blame(n, "the file holds %s; a scenario is a mapping, such as name: master-kill", n.describe())
		}
		return nil
	}
	return n
}

// blameSyntax turns an error of the YAML library into a problem.
func blameSyntax(ps *problems, data []byte, err error) {
	pos := position{line: 1, column: 1}
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
	if pos.line <= len(lines) {
		_, value, found := strings.Cut(lines[pos.line-1], ": ")
		if value = strings.TrimSpace(value); found && strings.HasPrefix(value, ">") {
			hint = fmt.Sprintf("; put a bound that begins with > in quotes: %q", value)
		}
	}
	ps.at(pos, "not valid YAML: %s%s", msg, hint)
}

// treeReader turns the library's syntax tree into nodes.
type treeReader struct {
	ps *problems
}

func (r treeReader) read(from ast.Node, name string) *node {
	n := &node{name: name, pos: positionOf(from)}
	switch from := from.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode:
		n.kind = mappingNode
		for _, value := range from.Values {
			r.readField(n, value)
		}
	case *ast.MappingValueNode:
		n.kind = mappingNode
		r.readField(n, from)
	case *ast.SequenceNode:
		n.kind = listNode
		for i, value := range from.Values {
			item := r.read(value, fmt.Sprintf("%s[%d]", name, i))
			if isImplicit(value) && i < len(from.Entries) {
				item.pos = positionOfToken(from.Entries[i].Start)
			}
			n.items = append(n.items, item)
		}
	case *ast.LiteralNode:
		n.kind, n.text, n.quoted = scalarNode, from.Value.Value, true
	case *ast.StringNode:
		n.kind, n.text = scalarNode, from.Value
		n.quoted = from.Token.Type == token.SingleQuoteType || from.Token.Type == token.DoubleQuoteType
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.kind, n.text = scalarNode, from.GetToken().Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		r.ps.blame(n, "YAML anchors, aliases and merges are not supported; write the value out")
	case *ast.TagNode:
		r.ps.blame(n, "YAML tags such as %s are not supported; leave it out", from.Start.Value)
	default:
		r.ps.blame(n, "YAML of this form (%s) is not supported in a scenario", from.Type())
	}
	return n
}

func (r treeReader) readField(mapping *node, from *ast.MappingValueNode) {
	pos := positionOf(from.Key)
	var name string
	switch key := from.Key.(type) {
	case *ast.StringNode:
		name = key.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		name = key.GetToken().Value
	case *ast.MergeKeyNode:
		r.ps.mark(mapping)
		r.ps.at(pos, "YAML anchors, aliases and merges are not supported; write the value out")
		return
	default:
		r.ps.mark(mapping)
		r.ps.at(pos, "a key must be a plain name, such as masters")
		return
	}
	for _, f := range mapping.fields {
		if f.name == name {
			r.ps.at(pos, "duplicate key %q; it is on line %d already", name, f.pos.line)
			return
		}
	}
	value := r.read(from.Value, name)
	if isImplicit(from.Value) {
		value.pos = pos // there is nothing else to point at
	}
	mapping.fields = append(mapping.fields, field{name: name, pos: pos, value: value})
}

// isImplicit tells whether the value is nothing, and not even written as null.
func isImplicit(n ast.Node) bool {
	null, ok := n.(*ast.NullNode)
	return ok && null.Token.Type == token.ImplicitNullType
}

// positionOf is where a person would point at for the value: the library
// itself places a block mapping at its first colon.
func positionOf(n ast.Node) position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return positionOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return positionOf(n.Key)
	case nil:
		return position{line: 1, column: 1}
	}
	return positionOfToken(n.GetToken())
}

func positionOfToken(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{line: 1, column: 1}
	}
	return position{line: max(t.Position.Line, 1), column: max(t.Position.Column, 1)}
}

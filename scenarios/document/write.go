package document

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Add adds a key to a mapping.
func (n *Node) Add(name string, value *Node) {
	n.Fields = append(n.Fields, Field{Name: name, Value: value})
}

// PlainNode is a scalar that is written as it is.
func PlainNode(text string) *Node { return &Node{Kind: Scalar, Text: text} }

// StringNode is a scalar: it quotes a string where YAML would make something else of it.
func StringNode(text string) *Node {
	n := PlainNode(text)
	plain := regexp.MustCompile(`^[A-Za-z0-9/]([A-Za-z0-9 ./:;,'()<>=%+_-]*[A-Za-z0-9./;,'()%+_-])?$`)
	reserved := regexp.MustCompile(`(?i)^(null|true|false)$|: |  `)
	n.Quoted = !plain.MatchString(text) || reserved.MatchString(text)
	return n
}

// Marshal writes a node in block style.
func (n *Node) Marshal() ([]byte, error) {
	return yaml.MarshalWithOptions(n.plain(), yaml.IndentSequence(true), yaml.CustomMarshaler(func(s scalar) ([]byte, error) { return []byte(s), nil }))
}

// scalar is a scalar as it is written.
type scalar string

// plain is the node as the encoder takes it.
func (n *Node) plain() any {
	switch n.Kind {
	case Mapping:
		mapping := yaml.MapSlice{}
		for _, f := range n.Fields {
			mapping = append(mapping, yaml.MapItem{Key: scalarText(StringNode(f.Name)), Value: f.Value.plain()})
		}
		return mapping
	case List:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, item.plain())
		}
		return list
	default:
		return scalar(scalarText(n))
	}
}

// scalarText is a scalar as YAML.
func scalarText(n *Node) string {
	if n.Quoted {
		return strconv.Quote(n.Text)
	}
	return n.Text
}

// OfMappings tells whether a node is a list of mappings, which have their own paths.
func (n *Node) OfMappings() bool {
	return len(n.Items) > 0 && !slices.ContainsFunc(n.Items, func(item *Node) bool { return item.Kind != Mapping })
}

// Line is the YAML of a node in flow style; "" of none.
func (n *Node) Line() string {
	if n == nil {
		return ""
	}
	var inside []string
	switch n.Kind {
	case Mapping:
		for _, f := range n.Fields {
			inside = append(inside, scalarText(StringNode(f.Name))+": "+f.Value.Line())
		}
		return "{" + strings.Join(inside, ", ") + "}"
	case List:
		for _, item := range n.Items {
			inside = append(inside, item.Line())
		}
		return "[" + strings.Join(inside, ", ") + "]"
	case Scalar:
		return n.Text
	default:
		return "null"
	}
}

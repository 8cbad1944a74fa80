package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// Change is a value that two scenarios do not have in common.
type Change struct {
	// Path is as --set takes it: cluster.config.cluster-node-timeout, workloads.orders.rate.
	Path string
	// A and B are what stands there, in one line; "" where nothing does.
	A, B string
}

// Changes lists in what the YAML of two scenarios differs, as [Scenario.YAML] writes it: in the
// order of a, what only b has after it. Workloads go by their names and faults by their
// order. That the scenarios are valid is not checked.
func Changes(a, b []byte) ([]Change, error) {
	var roots [2]*node
	for i, text := range [][]byte{a, b} {
		ps := &problems{}
		roots[i] = readTree(ps, text)
		if err := ps.err(); err != nil {
			return nil, err
		}
	}
	var all []Change
	changes(&all, "", roots[0], roots[1])
	return all, nil
}

// changes adds what differs at a path and below it. Either node may be nil.
func changes(all *[]Change, path string, a, b *node) {
	switch {
	case a == nil || b == nil || a.kind != b.kind || a.kind != mappingNode && !a.ofMappings() && !b.ofMappings():
		if from, to := a.line(), b.line(); from != to {
			*all = append(*all, Change{Path: path, A: from, B: to})
		}
	default:
		left, right := a.parts(), b.parts()
		other, seen := map[step]*node{}, map[step]bool{}
		for _, p := range right {
			other[p.step] = p.value
		}
		for _, p := range left {
			seen[p.step] = true
			changes(all, p.under(path), p.value, other[p.step])
		}
		for _, p := range right {
			if !seen[p.step] {
				changes(all, p.under(path), nil, p.value)
			}
		}
	}
}

// part is what is directly below a node: the value of a key, or an item of a list by its
// name or its index.
type part struct {
	step
	value *node
}

func (p part) under(path string) string {
	switch {
	case p.isIndex:
		return fmt.Sprintf("%s[%d]", path, p.index)
	case path == "":
		return p.key
	default:
		return path + "." + p.key
	}
}

func (n *node) parts() (parts []part) {
	for _, f := range n.fields {
		parts = append(parts, part{step{key: f.name}, f.value})
	}
	named := map[string]bool{}
	for i, item := range n.items {
		p := part{step{index: i, isIndex: true}, item}
		if name := item.field("name"); name != nil && name.text != "" && !named[name.text] {
			named[name.text] = true
			p.step = step{key: name.text}
		}
		parts = append(parts, p)
	}
	return parts
}

// ofMappings tells whether a node is a list of mappings, which have their own paths.
func (n *node) ofMappings() bool {
	return len(n.items) > 0 && !slices.ContainsFunc(n.items, func(item *node) bool { return item.kind != mappingNode })
}

// line is the YAML of a node in flow style; "" of none.
func (n *node) line() string {
	if n == nil {
		return ""
	}
	var inside []string
	switch n.kind {
	case mappingNode:
		for _, f := range n.fields {
			inside = append(inside, scalarText(stringNode(f.name))+": "+f.value.line())
		}
		return "{" + strings.Join(inside, ", ") + "}"
	case listNode:
		for _, item := range n.items {
			inside = append(inside, item.line())
		}
		return "[" + strings.Join(inside, ", ") + "]"
	case scalarNode:
		return n.text
	default:
		return "null"
	}
}

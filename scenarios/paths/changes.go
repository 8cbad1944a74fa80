package paths

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Change is a value that two scenarios do not have in common.
type Change struct {
	// Path is as --set takes it: cluster.config.cluster-node-timeout, workloads.orders.rate.
	Path string
	// A and B are what stands there, in one line; "" where nothing does.
	A, B string
}

// Changes lists in what the YAML of two scenarios differs, as it is written with all defaults: in the
// order of a, what only b has after it. Workloads go by their names and faults by their
// order. That the scenarios are valid is not checked.
func Changes(a, b []byte) ([]Change, error) {
	var roots [2]*document.Node
	for i, text := range [][]byte{a, b} {
		ps := &document.Problems{}
		roots[i] = document.ReadTree(ps, text)
		if err := ps.Err(); err != nil {
			return nil, err
		}
	}
	var all []Change
	changes(&all, "", roots[0], roots[1])
	return all, nil
}

// changes adds what differs at a path and below it. Either node may be nil.
func changes(all *[]Change, path string, a, b *document.Node) {
	switch {
	case a == nil || b == nil || a.Kind != b.Kind || a.Kind != document.Mapping && !a.OfMappings() && !b.OfMappings():
		if from, to := a.Line(), b.Line(); from != to {
			*all = append(*all, Change{Path: path, A: from, B: to})
		}
	default:
		left, right := partsBelow(a), partsBelow(b)
		other, seen := map[step]*document.Node{}, map[step]bool{}
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
	value *document.Node
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

// partsBelow lists what is directly below a node.
func partsBelow(n *document.Node) (parts []part) {
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		parts = append(parts, part{step{key: f.Name}, f.Value})
	}
	named := map[string]bool{}
	for i, item := range n.Items {
		p := part{step{index: i, isIndex: true}, item}
		if name := item.Field("name"); name != nil && name.Text != "" && !named[name.Text] {
			named[name.Text] = true
			p.step = step{key: name.Text}
		}
		parts = append(parts, p)
	}
	return parts
}

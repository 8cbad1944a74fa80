package scenarios

import (
	"fmt"
	"strconv"
	"strings"
)

// override applies one PATH=VALUE to the tree, nth in the order of the command
// line. Keys on the way that are missing are made: whether they make sense is
// for the decoder to say, as of those in the file.
func override(ps *problems, root *node, set string, nth int) {
	pos := position{set: set, setIndex: nth}
	if at := invalidText([]byte(set)); at >= 0 {
		pos.set = strings.Trim(strconv.Quote(set), `"`)
		ps.at(pos, "the byte 0x%02x is not UTF-8; write the value in UTF-8", set[at])
		return
	}
	path, text, found := strings.Cut(set, "=")
	if !found {
		ps.at(pos, "no \"=\"; write PATH=VALUE, such as duration=20s")
		return
	}
	steps, err := parsePath(path)
	if err != nil {
		ps.at(pos, "%v", err)
		return
	}
	if len(steps) > maxDepth {
		ps.at(pos, "a path of %d steps; nothing in a scenario is that deep", len(steps))
		return
	}
	value, ok := readSetValue(ps, text, pos)
	if !ok {
		return
	}
	target := root
	for i, s := range steps {
		next := s.follow(target)
		if next == nil && s.canMake(target, steps[i+1:]) {
			next = &node{name: s.key, pos: pos}
			target.kind = mappingNode
			target.fields = append(target.fields, field{name: s.key, pos: pos, value: next})
		}
		if next == nil {
			ps.at(pos, "%s", s.explain(target))
			return
		}
		target = next
	}
	value.name = target.name
	for i, item := range value.items {
		item.name = fmt.Sprintf("%s[%d]", target.name, i)
	}
	*target = *value
}

// readSetValue reads the VALUE of a --set: text as it stands, so that bounds
// like "> 0" need no quotes, or a list or mapping in YAML's flow style.
func readSetValue(ps *problems, text string, pos position) (value *node, ok bool) {
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{") {
		return &node{kind: scalarNode, text: text, pos: pos}, true
	}
	inner := &problems{}
	root := readTree(inner, []byte("value: "+text))
	if len(inner.list) > 0 {
		ps.at(pos, "%s", inner.list[0].Msg)
		return nil, false
	}
	value = root.field("value")
	value.moveTo(pos)
	return value, true
}

// moveTo gives a position to a node and all that is in it.
func (n *node) moveTo(pos position) {
	n.pos = pos
	for i := range n.fields {
		n.fields[i].pos = pos
	}
	for _, child := range n.children() {
		child.moveTo(pos)
	}
}

// step is one part of a path: a key (or the name of a workload), or an index.
type step struct {
	key     string
	index   int
	isIndex bool
}

// parsePath takes a path like faults[0].kill.shard apart.
func parsePath(path string) ([]step, error) {
	var steps []step
	for _, part := range partsOf(path) {
		key, rest, indexed := strings.Cut(part, "[")
		if key == "" {
			return nil, fmt.Errorf("%q is not a path; write one like faults[0].for", path)
		}
		steps = append(steps, step{key: key})
		for indexed {
			var number string
			var closed bool
			number, rest, closed = strings.Cut(rest, "]")
			index, err := strconv.Atoi(number)
			if !closed || err != nil || index < 0 || rest != "" && rest[0] != '[' {
				return nil, fmt.Errorf("%q is not a path; write an index like faults[0]", path)
			}
			steps = append(steps, step{index: index, isIndex: true})
			_, rest, indexed = strings.Cut(rest, "[")
		}
	}
	return steps, nil
}

// partsOf splits a path at its dots. The keys of expect and of cluster.config may hold
// some themselves: what follows these is one key. Those of expect_set may hold two.
func partsOf(path string) []string {
	if rest, found := strings.CutPrefix(path, "expect_set."); found && strings.HasPrefix(rest, ofWorkload) {
		parts := strings.SplitN(path, ".", 5) // expect_set, workloads, its name, the figure, the statistic
		if len(parts) < 4 {
			return []string{"expect_set", rest}
		}
		return append([]string{"expect_set", strings.Join(parts[1:4], ".")}, parts[4:]...)
	}
	for _, above := range []string{"expect", "cluster.config"} {
		if key, found := strings.CutPrefix(path, above+"."); found {
			return append(strings.Split(above, "."), key)
		}
	}
	return strings.Split(path, ".")
}

// follow finds what the step leads to; nil if that does not exist.
func (s step) follow(n *node) *node {
	if s.isIndex {
		return n.item(s.index)
	}
	for _, item := range n.items {
		if name := item.field("name"); name != nil && name.text == s.key {
			return item
		}
	}
	return n.field(s.key)
}

// canMake tells whether a missing step can be added. Elements of lists cannot:
// a workload or a fault takes more than one value.
func (s step) canMake(n *node, rest []step) bool {
	if s.isIndex || n.kind != mappingNode && n.kind != nullNode {
		return false
	}
	toElement := len(rest) > 0 && (rest[0].isIndex || n.name == "" && (s.key == "workloads" || s.key == "faults"))
	return !toElement
}

// explain says why the step leads nowhere, and what there is instead.
func (s step) explain(n *node) string {
	switch {
	case n.kind == listNode && s.isIndex && len(n.items) > 0:
		if len(n.items) == 1 {
			return fmt.Sprintf("%s has no [%d]; it has only [0]", n.name, s.index)
		}
		return fmt.Sprintf("%s has no [%d]; it has [0] to [%d]", n.name, s.index, len(n.items)-1)
	case n.kind == listNode && len(n.items) == 0:
		return fmt.Sprintf("%s is empty here", n.name)
	case n.kind == listNode:
		var names []string
		for _, item := range n.items {
			if name := item.field("name"); name != nil {
				names = append(names, name.text)
			}
		}
		if len(names) == 0 {
			return fmt.Sprintf("%s go by index; write %s[0] to [%d]", n.name, n.name, len(n.items)-1)
		}
		return unknown("name in "+n.name, s.key, names)
	case n.kind == scalarNode:
		return fmt.Sprintf("%s is a single value, with nothing below it", n.name)
	case s.isIndex:
		return fmt.Sprintf("%s is not a list, and has no [%d]", n.name, s.index)
	default:
		return fmt.Sprintf("the scenario has no %s", s.key)
	}
}

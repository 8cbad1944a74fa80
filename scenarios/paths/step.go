// Package paths names the values of a scenario as --set does: what it changes, and in what two differ.
package paths

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// step is one part of a path: a key (or the name of a workload), or an index.
type step struct {
	key     string
	index   int
	isIndex bool
}

// parsePath takes a path like faults[0].kill.shard apart.
func parsePath(path string) ([]step, error) {
	var steps []step
	for _, text := range partsOf(path) {
		key, rest, indexed := strings.Cut(text, "[")
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
	if rest, found := strings.CutPrefix(path, "expect_set."); found && strings.HasPrefix(rest, "workloads.") {
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
func (s step) follow(n *document.Node) *document.Node {
	if s.isIndex {
		return n.Item(s.index)
	}
	for _, item := range n.Items {
		if name := item.Field("name"); name != nil && name.Text == s.key {
			return item
		}
	}
	return n.Field(s.key)
}

// canMake tells whether a missing step can be added. Elements of lists cannot:
// a workload or a fault takes more than one value.
func (s step) canMake(n *document.Node, rest []step) bool {
	if s.isIndex || n.Kind != document.Mapping && n.Kind != document.Null {
		return false
	}
	toElement := len(rest) > 0 && (rest[0].isIndex || n.Name == "" && (s.key == "workloads" || s.key == "faults"))
	return !toElement
}

// explain says why the step leads nowhere, and what there is instead.
func (s step) explain(n *document.Node) string {
	switch {
	case n.Kind == document.List && s.isIndex && len(n.Items) > 0:
		if len(n.Items) == 1 {
			return fmt.Sprintf("%s has no [%d]; it has only [0]", n.Name, s.index)
		}
		return fmt.Sprintf("%s has no [%d]; it has [0] to [%d]", n.Name, s.index, len(n.Items)-1)
	case n.Kind == document.List && len(n.Items) == 0:
		return fmt.Sprintf("%s is empty here", n.Name)
	case n.Kind == document.List:
		var names []string
		for _, item := range n.Items {
			if name := item.Field("name"); name != nil {
				names = append(names, name.Text)
			}
		}
		if len(names) == 0 {
			return fmt.Sprintf("%s go by index; write %s[0] to [%d]", n.Name, n.Name, len(n.Items)-1)
		}
		return suggest.Unknown("name in "+n.Name, s.key, names)
	case n.Kind == document.Scalar:
		return fmt.Sprintf("%s is a single value, with nothing below it", n.Name)
	case s.isIndex:
		return fmt.Sprintf("%s is not a list, and has no [%d]", n.Name, s.index)
	default:
		return fmt.Sprintf("the scenario has no %s", s.key)
	}
}

package aim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
)

// Division is nodes in groups, of which each hears its own nodes only. A node in no group hears all.
type Division struct {
	Groups []Group
	ring   []string // of nodes of which each hears the one before it and the one after it
}

// Group is a group and its nodes, sorted by name.
type Group struct {
	Name  string
	Nodes []string
}

// add puts a node into a group, which is made with the first one.
func (d *Division) add(group, node string) {
	i := slices.IndexFunc(d.Groups, func(g Group) bool { return g.Name == group })
	if i < 0 {
		i, d.Groups = len(d.Groups), append(d.Groups, Group{Name: group})
	}
	d.Groups[i].Nodes = append(d.Groups[i].Nodes, node)
	slices.Sort(d.Groups[i].Nodes)
}

// GroupOf is the group that a node is in; "" if it is in none.
func (d Division) GroupOf(node string) string {
	for _, g := range d.Groups {
		if slices.Contains(g.Nodes, node) {
			return g.Name
		}
	}
	return ""
}

// Nodes lists those that do not hear all others, sorted by name.
func (d Division) Nodes() []string {
	nodes := slices.Clone(d.ring)
	for _, g := range d.Groups {
		nodes = append(nodes, g.Nodes...)
	}
	slices.Sort(nodes)
	return nodes
}

// Apart tells whether two nodes do not hear each other.
func (d Division) Apart(a, b string) bool {
	if i, j := slices.Index(d.ring, a), slices.Index(d.ring, b); i >= 0 && j >= 0 {
		gap := max(i, j) - min(i, j)
		return gap > 1 && gap < len(d.ring)-1
	}
	of, other := d.GroupOf(a), d.GroupOf(b)
	return of != "" && other != "" && of != other
}

// WithMajority is the group that has more than half of the masters, which goes on as a cluster; "" if none
// has.
func (d Division) WithMajority(t observe.Topology) string {
	masters := map[string]int{}
	for _, m := range t {
		if m.Master && m.Shard >= 0 {
			masters[d.GroupOf(m.Node)]++
		}
	}
	for _, g := range d.Groups {
		if masters[g.Name] >= quorumOf(len(shardsOf(t))) {
			return g.Name
		}
	}
	return ""
}

// String says who is where: "left: a and b; right: c".
func (d Division) String() string {
	var groups []string
	for _, g := range d.Groups {
		groups = append(groups, g.Name+": "+strings.Join(g.Nodes, ", "))
	}
	if d.ring != nil {
		return "a ring of " + strings.Join(d.ring, ", ")
	}
	return strings.Join(groups, "; ")
}

// twoSides has the majority of the masters on one side, and the others on the other one. Nodes without
// slots are of no use to a majority.
func twoSides(t observe.Topology, seed int64) (d Division) {
	majority := sides(t, seed)[Majority]
	for _, m := range t {
		if m.Shard >= 0 && slices.Contains(majority, m.Shard) {
			d.add(Majority, m.Node)
		} else {
			d.add(Minority, m.Node)
		}
	}
	return d
}

// Names of the groups beside a bridge.
const (
	left  = "left"
	right = "right"
)

// besideBridge halves the shards whose masters are no bridges. Whoever else is of a bridge's shard is on the right, which
// is the smaller half.
func besideBridge(t observe.Topology, bridge []string, random *rand.Rand) (d Division) {
	var bridged []int
	for _, m := range t {
		if slices.Contains(bridge, m.Node) && m.Master {
			bridged = append(bridged, m.Shard)
		}
	}
	shards := slices.DeleteFunc(shardsOf(t), func(shard int) bool { return slices.Contains(bridged, shard) })
	random.Shuffle(len(shards), func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
	for _, m := range t {
		switch {
		case slices.Contains(bridge, m.Node):
		case slices.Contains(shards[:(len(shards)+1)/2], m.Shard):
			d.add(left, m.Node)
		default:
			d.add(right, m.Node)
		}
	}
	return d
}

// ringOf has the nodes of a shard beside each other, its master first.
func ringOf(t observe.Topology) Division {
	sorted := slices.Clone(t)
	rank := func(m observe.Member) int {
		if m.Master {
			return 0
		}
		return 1
	}
	slices.SortFunc(sorted, func(a, b observe.Member) int {
		return cmp.Or(cmp.Compare(a.Shard, b.Shard), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Node, b.Node))
	})
	var d Division
	for _, m := range sorted {
		d.ring = append(d.ring, m.Node)
	}
	return d
}

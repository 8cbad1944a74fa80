package view

import (
	"cmp"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// Latest is the view with the latest epoch, and of those the one that knows of the latest change of a master, and then
// the one that sees the most nodes well; nil if there is none. Nodes that give no answer have a nil view.
func Latest(views []*View) *View {
	var best *View
	for _, v := range views {
		if v != nil && (best == nil || v.laterThan(*best)) {
			best = v
		}
	}
	return best
}

func (v View) laterThan(b View) bool {
	return cmp.Or(cmp.Compare(v.CurrentEpoch, b.CurrentEpoch), cmp.Compare(v.latestChange(), b.latestChange()), cmp.Compare(v.seenWell(), b.seenWell())) > 0
}

// latestChange is the greatest configuration epoch of a master. When a replica has won its election it is the
// only one to know of that, though all have its epoch: they have voted in it.
func (v View) latestChange() (epoch int64) {
	for _, node := range v.Nodes {
		if node.Master {
			epoch = max(epoch, node.Epoch)
		}
	}
	return epoch
}

func (v View) seenWell() (n int) {
	for _, node := range v.Nodes {
		if node.Flag == "ok" {
			n++
		}
	}
	return n
}

// Layout is which slots each shard has in this view: a shard is a node that owns slots, with its replicas.
func (v View) Layout() (slots.Layout, error) {
	var shards [][]slots.Range
	for _, n := range v.Nodes {
		if len(n.Slots) > 0 {
			shards = append(shards, n.Slots)
		}
	}
	l, err := slots.LayoutOf(shards)
	if err != nil {
		return l, fmt.Errorf("CLUSTER NODES: %w", err)
	}
	return l, nil
}

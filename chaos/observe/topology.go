package observe

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Topology is who is master and replica of what.
type Topology []Member

// Member is a node's place in a topology.
type Member struct {
	Node   string
	Shard  int // -1 if none
	Master bool
	// Of is the name of a replica's master, and Slots those that a master owns.
	Of    string
	Slots []slots.Range
	// Service is the Compose service that the node is of, and Zone its zone, in a cluster that has such.
	Service, Zone string
	// Failed: a majority of masters has marked it as failed.
	Failed bool
}

// Shards lists the shards of a freshly formed cluster, numbered by starting slot.
func Shards(nodes []compose.Node, masters int) []record.Shard {
	shards := make([]record.Shard, masters)
	for i := range shards {
		shards[i] = record.Shard{Shard: i, Slots: slots.Share(i, masters).String(), Replicas: []string{}}
	}
	for _, n := range nodes {
		if n.Replica {
			shards[n.Shard].Replicas = append(shards[n.Shard].Replicas, n.Name)
		} else {
			shards[n.Shard].Master = n.Name
		}
	}
	return shards
}

// CurrentTopology asks every node and believes the one with the latest epoch, and of those the one that
// knows of the latest change of a master, and then the one that sees the most nodes well.
func CurrentTopology(ctx context.Context, s compose.Servers, masters int) (Topology, error) {
	const patience = 500 * time.Millisecond
	nodes := slices.Clone(s.Nodes())
	views := make([]*view.View, len(nodes))
	_ = compose.EachNode(nodes, func(i int) error {
		c := compose.DirectClient(s, nodes[i].Addr, patience)
		defer c.Close()
		v, err := view.Fetch(ctx, c)
		if err == nil {
			views[i] = &v
		}
		return err
	}) // those that do not answer have no view
	var best *view.View
	for _, v := range views {
		if v != nil && (best == nil || better(*v, *best)) {
			best = v
		}
	}
	if best == nil {
		return nil, errors.New("no node answers")
	}
	identify(nodes, views, *best)
	return topologyOf(*best, nodes, masters), nil
}

// identify fills in the ids of nodes of a cluster that was found, and not formed: by their own word, or of
// those that give none by where the others see them.
func identify(nodes []compose.Node, views []*view.View, best view.View) {
	for i := range nodes {
		if nodes[i].ID != "" {
			continue
		}
		if views[i] != nil {
			me, _ := views[i].Myself()
			nodes[i].ID = me.ID
			continue
		}
		for _, n := range best.Nodes {
			if n.Addr == nodes[i].Announced {
				nodes[i].ID = n.ID
			}
		}
	}
}

func better(a, b view.View) bool {
	return cmp.Or(cmp.Compare(a.CurrentEpoch, b.CurrentEpoch), cmp.Compare(latestChange(a), latestChange(b)), cmp.Compare(seenWell(a), seenWell(b))) > 0
}

// latestChange is the greatest configuration epoch of a master. When a replica has won its election it is the
// only one to know of that, though all have its epoch: they have voted in it.
func latestChange(v view.View) (epoch int64) {
	for _, node := range v.Nodes {
		if node.Master {
			epoch = max(epoch, node.Epoch)
		}
	}
	return epoch
}

func seenWell(v view.View) (n int) {
	for _, node := range v.Nodes {
		if node.Flag == "ok" {
			n++
		}
	}
	return n
}

// topologyOf is the topology that a view shows.
func topologyOf(v view.View, nodes []compose.Node, masters int) Topology {
	owners := map[string]int{} // node id -> shard
	for shard := range masters {
		if owner, ok := v.Owner(slots.Share(shard, masters).First); ok {
			owners[owner.ID] = shard
		}
	}
	byID, names := map[string]view.Node{}, map[string]string{}
	for _, n := range v.Nodes {
		byID[n.ID] = n
	}
	for _, n := range nodes {
		names[n.ID] = n.Name
	}
	var t Topology
	for _, n := range nodes {
		seen, ok := byID[n.ID]
		if !ok {
			continue
		}
		m := Member{Node: n.Name, Shard: -1, Master: seen.Master, Of: names[seen.OfID], Slots: seen.Slots, Service: n.Service, Zone: n.Zone, Failed: seen.Flag == "fail"}
		id := seen.ID
		if !seen.Master {
			id = seen.OfID
		}
		if shard, ok := owners[id]; ok {
			m.Shard = shard
		}
		t = append(t, m)
	}
	return t
}

// ShardsOf lists the shards that the nodes are members of.
func (t Topology) ShardsOf(nodes []string) []int {
	var shards []int
	for _, m := range t {
		for _, n := range nodes {
			if m.Node == n && m.Shard >= 0 {
				shards = append(shards, m.Shard)
			}
		}
	}
	return shards
}

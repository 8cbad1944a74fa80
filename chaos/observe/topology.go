package observe

import (
	"context"
	"errors"
	"maps"

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

// Shards lists the shards of a cluster by the nodes that they are made of.
func Shards(nodes []compose.Node, layout slots.Layout) []record.Shard {
	shards := make([]record.Shard, layout.Shards())
	for i := range shards {
		shards[i] = record.Shard{Shard: i, Slots: layout.Text(i), Replicas: []string{}}
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

// CurrentTopology asks every node and believes the latest view. A shard is that of the node that owns its first slot.
func CurrentTopology(ctx context.Context, s compose.Servers, layout slots.Layout) (Topology, error) {
	views := compose.Views(ctx, s)
	latest := view.Latest(views)
	if latest == nil {
		return nil, errors.New("no node answers")
	}
	names := named(s.Nodes()) // also of whom a node was formed as, whom its replicas may still follow
	nodes := compose.Identified(s.Nodes(), views)
	maps.Copy(names, named(nodes))
	return topologyOf(*latest, nodes, names, layout), nil
}

// named are the names of nodes by their ids.
func named(nodes []compose.Node) map[string]string {
	names := map[string]string{}
	for _, n := range nodes {
		if n.ID != "" {
			names[n.ID] = n.Name
		}
	}
	return names
}

// topologyOf is the topology that a view shows. names are the nodes' by their ids.
func topologyOf(v view.View, nodes []compose.Node, names map[string]string, layout slots.Layout) Topology {
	owners := map[string]int{} // node id -> shard
	for shard := range layout.Shards() {
		if owner, ok := v.Owner(layout.First(shard)); ok {
			owners[owner.ID] = shard
		}
	}
	byID := map[string]view.Node{}
	for _, n := range v.Nodes {
		byID[n.ID] = n
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

package aim

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// formed lists the topologies that a cluster can come to have by failovers: in the first one every shard
// has the master that it is formed with, in the next one its first replica is that, and so on. (Replicas
// can also move to a shard that has lost its own, which nobody aims at.)
func formed(c scenarios.Cluster) []observe.Topology {
	planned := compose.Deployment{Masters: c.Masters, Replicas: c.Replicas, Zones: c.Zones}.Nodes()
	var all []observe.Topology
	for leader := range 1 + c.Replicas {
		var t observe.Topology
		for i, n := range planned {
			m := observe.Member{Node: n.Name, Shard: n.Master, Zone: n.Zone}
			if i/c.Masters == leader {
				m.Master, m.Slots = true, []slots.Range{slots.Share(n.Master, c.Masters)}
			} else {
				m.Of = planned[n.Master+leader*c.Masters].Name
			}
			t = append(t, m)
		}
		all = append(all, t)
	}
	return all
}

// most is how many nodes can match at once in such a cluster, at the most, with exceptions and without.
func (s Selector) most(c scenarios.Cluster) (with, without int) {
	anySide := s
	anySide.Side = ""
	matching, left := make([]int, c.Masters), make([]int, c.Masters)
	for _, t := range formed(c) {
		now, nowLeft := make([]int, c.Masters), make([]int, c.Masters)
		f, err := anySide.filterOn(t, 0)
		if err != nil {
			continue
		}
		for _, m := range t {
			if !f.matches(m) {
				continue
			}
			now[m.Shard]++
			if !slices.ContainsFunc(s.Except, func(e Selector) bool { return e.surely(t, m) }) {
				nowLeft[m.Shard]++
			}
		}
		for shard := range c.Masters {
			matching[shard], left[shard] = max(matching[shard], now[shard]), max(left[shard], nowLeft[shard])
		}
	}
	return s.sum(left), s.sum(matching)
}

// sum adds up what can match of each shard: of a side, the shards that have the most.
func (s Selector) sum(ofShards []int) (sum int) {
	slices.Sort(ofShards)
	slices.Reverse(ofShards)
	switch quorum := quorumOf(len(ofShards)); s.Side {
	case Majority:
		ofShards = ofShards[:quorum]
	case Minority:
		ofShards = ofShards[:len(ofShards)-quorum]
	}
	for _, n := range ofShards {
		sum += n
	}
	return sum
}

// surely tells whether an exception leaves a node out whatever is drawn.
func (s Selector) surely(t observe.Topology, m observe.Member) bool {
	if s.isDrawn() {
		return false
	}
	f, err := s.filterOn(t, 0)
	return err == nil && f.matches(m)
}

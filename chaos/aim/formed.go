package aim

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Members are the nodes that a cluster has when a run begins; none of one that is brought and has not been found.
func Members(c scenarios.Cluster) []scenarios.Member {
	if c.IsBrought() {
		return c.Found
	}
	var members []scenarios.Member
	layout := slots.Equal(c.Masters)
	for _, n := range (compose.Deployment{Masters: c.Masters, Replicas: c.Replicas, Zones: c.Zones}).Nodes() {
		members = append(members, scenarios.Member{
			Name: n.Name, Shard: n.Master, Replica: n.Replica, Zone: n.Zone, Slots: layout.Ranges(n.Master),
		})
	}
	return members
}

// Formed is the topology that a cluster has when a run begins.
func Formed(c scenarios.Cluster) observe.Topology { return led(shards(c), 0) }

// shards are the members of a cluster by their shards, each with its master first.
func shards(c scenarios.Cluster) [][]scenarios.Member {
	of := make([][]scenarios.Member, c.Masters)
	for _, m := range Members(c) {
		if m.Replica {
			of[m.Shard] = append(of[m.Shard], m)
		} else {
			of[m.Shard] = slices.Insert(of[m.Shard], 0, m)
		}
	}
	return of
}

// led is the topology in which every shard is led by the member of a number, or the last one that it has.
func led(shards [][]scenarios.Member, by int) (t observe.Topology) {
	for _, members := range shards {
		leader := min(by, len(members)-1)
		for i, m := range members {
			is := observe.Member{Node: m.Name, Service: m.Service, Shard: m.Shard, Zone: m.Zone}
			if i == leader {
				is.Master, is.Slots = true, m.Slots
			} else {
				is.Of = members[leader].Name
			}
			t = append(t, is)
		}
	}
	return t
}

// formed lists the topologies that a cluster can come to have by failovers: in the first one every shard
// has the master that it is formed with, in the next one its first replica is that, and so on. (Replicas
// can also move to a shard that has lost its own, which nobody aims at.)
func formed(c scenarios.Cluster) (all []observe.Topology) {
	of := shards(c)
	for leader := range 1 + c.Replicas {
		all = append(all, led(of, leader))
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

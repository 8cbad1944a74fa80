package aim

import (
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// filter is a selector on a topology: which nodes match it, whatever their number.
type filter struct {
	Selector
	owner string // of the slot that is asked for
	side  []int  // the shards of the side that is asked for
}

// filterOn is the filter of a selector; an error if what it refers to is not there.
func (s Selector) filterOn(t observe.Topology, seed int64) (filter, error) {
	f := filter{Selector: s}
	if slot, ok := s.slot(); ok {
		i := slices.IndexFunc(t, func(m observe.Member) bool { return ownsSlot(m, slot) })
		if i < 0 {
			return f, fmt.Errorf("no node owns slot %d", slot)
		}
		f.owner = t[i].Node
	}
	if s.Side != "" {
		f.side = sides(t, seed)[s.Side]
	}
	return f, nil
}

// matches tells whether a node is what is asked for, but for exceptions.
func (f filter) matches(m observe.Member) bool {
	role := f.role()
	ofShard := role != "" || len(f.Shard) > 0 || f.Side != ""
	switch {
	case len(f.Node) > 0 && !slices.Contains(f.Node, m.Node),
		ofShard && m.Shard < 0, // a former master without slots has no role
		role != "" && m.Master != (role == Master),
		len(f.Shard) > 0 && !slices.Contains(f.Shard, m.Shard),
		f.ReplicaOf != "" && m.Of != f.ReplicaOf,
		f.owner != "" && role == Master && m.Node != f.owner,
		f.owner != "" && role == Replica && m.Of != f.owner,
		f.Side != "" && !slices.Contains(f.side, m.Shard),
		len(f.Service) > 0 && !slices.Contains(f.Service, m.Service),
		len(f.Zone) > 0 && !slices.Contains(f.Zone, m.Zone):
		return false
	}
	return true
}

func ownsSlot(m observe.Member, slot int) bool {
	return slices.ContainsFunc(m.Slots, func(r slots.Range) bool { return r.Holds(slot) })
}

package history

import "sort"

// ackers is which nodes acked a client's writes. Who acks the writes to a shard
// seldom changes, so it is the changes that are remembered.
type ackers struct {
	changes []ackerChange
	last    []string // by shard
}

// ackerChange is the first write to a shard that another node acked.
type ackerChange struct {
	n     uint32
	shard int
	node  string
}

// Ack enters that a node acked write n, to a shard. Writes are entered in order.
func (a *ackers) Ack(n uint32, shard int, node string) {
	for len(a.last) <= shard {
		a.last = append(a.last, "")
	}
	if a.last[shard] != node {
		a.last[shard] = node
		a.changes = append(a.changes, ackerChange{n, shard, node})
	}
}

// Of is the name of the node that acked write n, to a shard; "" if that was not
// entered.
func (a *ackers) Of(n uint32, shard int) string {
	after := sort.Search(len(a.changes), func(i int) bool { return a.changes[i].n > n })
	for i := after - 1; i >= 0; i-- {
		if c := a.changes[i]; c.shard == shard {
			return c.node
		}
	}
	return ""
}

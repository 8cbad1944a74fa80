package check

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// lossGap parts losses of the same client, shard and node that lie so far apart:
// they may come of different faults.
const lossGap = 1000

// losses is lost writes, by whom they concern and by the second of their ack. They
// are entered in any order.
type losses map[lossCell]*record.Loss

type lossCell struct {
	client, shard int
	node          string
	second        uint32
}

// add enters a lost write of a client that a node acked at ms.
func (l *losses) add(client, shard int, node string, ms uint32) {
	if *l == nil {
		*l = losses{}
	}
	cell, at := lossCell{client, shard, node, ms / 1000}, record.Millis(ms)
	lost := (*l)[cell]
	if lost == nil {
		lost = &record.Loss{Client: client, Shard: shard, Node: node, First: at, Last: at}
		(*l)[cell] = lost
	}
	lost.First, lost.Last = min(lost.First, at), max(lost.Last, at)
	lost.Count++
}

// list joins what lies close together.
func (l losses) list() []record.Loss {
	var all, joined []record.Loss
	for _, lost := range l {
		all = append(all, *lost)
	}
	slices.SortFunc(all, func(a, b record.Loss) int {
		return cmp.Or(cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Client, b.Client), cmp.Compare(a.First, b.First))
	})
	for _, next := range all {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			if last.Shard == next.Shard && last.Node == next.Node && last.Client == next.Client && next.First-last.Last < lossGap {
				last.Last = next.Last
				last.Count += next.Count
				continue
			}
		}
		joined = append(joined, next)
	}
	return joined
}

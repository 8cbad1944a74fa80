package experiment

import (
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/workload"
)

// target is a running cluster as a workload needs it.
type target struct {
	compose.Runtime
	addrs  []string
	names  map[string]string // announced address -> node name
	shards int
	bySlot [slots.Count]int
}

var _ workload.Target = (*target)(nil)

func newTarget(r compose.Runtime, masters int) *target {
	t := &target{Runtime: r, names: map[string]string{}, shards: masters}
	for _, n := range r.Nodes() {
		t.addrs = append(t.addrs, n.Announced)
		t.names[n.Announced] = n.Name
	}
	for shard := range masters {
		share := slots.Share(shard, masters)
		for slot := share.First; slot <= share.Last; slot++ {
			t.bySlot[slot] = shard
		}
	}
	return t
}

// Addrs implements workload.Target.
func (t *target) Addrs() []string { return t.addrs }

// NodeAt implements workload.Target.
func (t *target) NodeAt(addr string) string { return t.names[addr] }

// ShardOf implements workload.Target.
func (t *target) ShardOf(slot int) int { return t.bySlot[slot] }

// Shards implements workload.Target.
func (t *target) Shards() int { return t.shards }

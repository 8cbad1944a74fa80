package experiment

import (
	"context"
	"net"
	"slices"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/workload"
)

// target is a running cluster as a workload needs it.
type target struct {
	compose.Cluster
	addrs  []string
	shards int
	bySlot [slots.Count]int

	mu sync.Mutex
	// names maps every address that the cluster may send a client to, or might have before, to its node.
	names map[string]string
}

var _ workload.Target = (*target)(nil)

func newTarget(r compose.Cluster, layout slots.Layout) *target {
	t := &target{Cluster: r, names: map[string]string{}, shards: layout.Shards()}
	for _, n := range r.Nodes() {
		t.addrs = append(t.addrs, n.Announced)
	}
	t.learn()
	for slot := range t.bySlot {
		t.bySlot[slot] = layout.ShardOf(slot)
	}
	return t
}

// learn takes in the addresses that the nodes have by now. The caller holds mu, or nobody else knows of t.
func (t *target) learn() {
	for _, n := range t.Cluster.Nodes() {
		for _, addr := range endpoints(n) {
			t.names[addr] = n.Name
		}
	}
}

// endpoints are the addresses by which a cluster may name a node to its clients: what
// the node announces, and with cluster-preferred-endpoint-type hostname its host name,
// which is the node's name.
func endpoints(n compose.Node) []string {
	all := []string{n.Announced, n.Addr}
	for _, addr := range all {
		if _, port, err := net.SplitHostPort(addr); err == nil {
			all = append(all, net.JoinHostPort(n.Name, port))
		}
	}
	return all
}

// Addrs implements workload.Target.
func (t *target) Addrs() []string { return t.addrs }

// Dial implements workload.Target.
func (t *target) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	for _, n := range t.Cluster.Nodes() {
		if slices.Contains(endpoints(n), addr) {
			addr = n.Announced
			break
		}
	}
	return t.Cluster.Dial(ctx, network, addr)
}

// NodeAt implements workload.Target.
func (t *target) NodeAt(addr string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.names[addr]; !known {
		t.learn()
	}
	return t.names[addr]
}

// ShardOf implements workload.Target.
func (t *target) ShardOf(slot int) int { return t.bySlot[slot] }

// Shards implements workload.Target.
func (t *target) Shards() int { return t.shards }

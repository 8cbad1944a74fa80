// Package networks makes the two networks of a run on this machine, as Docker would: each node has a
// network namespace of its own, with an interface to a bridge a network, and can be taken off either.
// It knows nothing of servers. The names of all that it makes follow from the run and its nodes, so that
// it can be removed by them alone.
package networks

import (
	"fmt"
	"net/netip"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/netns"
)

// Networks are the two networks of a run. The host is on both by an interface
// each, and routes nothing between them. What a node sends to a network that it
// is off goes to the hub, which forwards nothing and answers nothing: as with
// Docker, it vanishes.
type Networks struct {
	runID   string
	subnets map[compose.Network]netip.Prefix
	known   []netip.Addr // on the cluster network, without asking
	hub     *hub

	mu    sync.Mutex
	nodes []*Node
}

// manyNodes is the number of nodes from which on they are told each other's hardware
// addresses. The kernel keeps no more than 1024 that were asked for by ARP, in
// all namespaces together (net.ipv4.neigh.default.gc_thresh3), and every node of
// a cluster talks to every other.
const manyNodes = 16

// Make makes the networks of a run, a /24 each, with no nodes yet. peers are all nodes' addresses
// on the cluster network.
func Make(runID string, subnets map[compose.Network]netip.Prefix, peers []netip.Addr) (*Networks, error) {
	n := &Networks{runID: runID, subnets: subnets}
	if len(peers) >= manyNodes {
		n.known = peers
	}
	var err error
	if n.hub, err = makeHub(runID); err != nil {
		return nil, explainPermission(err)
	}
	for network, subnet := range subnets {
		if err := n.hub.addNetwork(network, subnet, runID); err != nil {
			n.Close()
			return nil, explainPermission(fmt.Errorf("making the %s network: %w", network, err))
		}
	}
	return n, nil
}

// Add makes a node's namespace, with an interface for each of its addresses.
func (n *Networks) Add(name string, addrs map[compose.Network]netip.Addr) (*Node, error) {
	node := &Node{name: name, within: namespaceName(n.runID, name), addrs: addrs, subnets: n.subnets, known: n.known, hub: n.hub}
	var err error
	if node.ns, err = netns.Make(node.within, settings()); err != nil {
		return nil, explainPermission(err)
	}
	n.mu.Lock()
	n.nodes = append(n.nodes, node)
	n.mu.Unlock()
	return node, node.setUp()
}

// Close lets go of the namespaces, which Remove then removes.
func (n *Networks) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hub.close()
	for _, node := range n.nodes {
		node.close()
	}
	n.nodes = nil
}

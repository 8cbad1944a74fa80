package project

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/discover"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// Nets are the networks that nodes are on, by their ids in the engine. A project with a single one has that twice.
type Nets map[compose.Network]string

// Of tells the networks of a project's nodes apart. That of the cluster has the addresses which nodes announce; that of
// clients is another one which all nodes are on, if there is one.
func Of(nodes []discover.Node, containers map[string]Container) Nets {
	announced, on := map[string]int{}, map[string]int{}
	for _, n := range nodes {
		host, _, _ := net.SplitHostPort(n.Announced)
		for id, endpoint := range containers[n.At.In].Networks {
			on[id]++
			if endpoint.IPAddress == host || slices.Contains(endpoint.Aliases, host) {
				announced[id]++
			}
		}
	}
	var cluster, clients string
	for _, id := range slices.Sorted(maps.Keys(on)) {
		if cluster == "" || announced[id] > announced[cluster] || announced[id] == announced[cluster] && on[id] > on[cluster] {
			cluster = id
		}
	}
	clients = cluster
	for _, id := range slices.Sorted(maps.Keys(on)) {
		if id != cluster && on[id] == len(nodes) {
			clients = id
			break
		}
	}
	if cluster == "" {
		return nil // they have the machine's
	}
	return Nets{compose.ClusterNetwork: cluster, compose.ClientNetwork: clients}
}

// Way is where a node is dialled.
type Way struct {
	Addr string
	By   netdev.Device
}

// Ways lead to nodes, whose containers can have other addresses once they have been started again.
type Ways struct {
	nets Nets

	mu sync.Mutex
	// updated is when the addresses of the containers were last looked at.
	updated time.Time
	nodes   map[string]string // by what is dialled
	ways    map[string]way    // by node
}

type way struct {
	Way
	// own: it is an address of the container's, and goes with that; else it is a published port, or the machine's.
	own       bool
	container string
	port      int
	cluster   string // its address on the network of the cluster
}

// NewWays is no ways yet.
func NewWays(nets Nets) *Ways {
	return &Ways{nets: nets, nodes: map[string]string{}, ways: map[string]way{}}
}

// Add adds a node, which is dialled by its names alone, be they an address that it announces or a host name.
func (w *Ways) Add(node string, c Container, at discover.Candidate, port int, known ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to := way{Way: Way{Addr: at.Addr, By: at.By}, container: c.ID, port: port}
	host, _, _ := net.SplitHostPort(at.Addr)
	for _, endpoint := range c.Networks {
		to.own = to.own || endpoint.IPAddress == host
	}
	to.cluster = w.addr(c, compose.ClusterNetwork, port)
	if to.cluster == "" {
		to.cluster = at.Addr
	}
	if clients := w.addr(c, compose.ClientNetwork, port); to.own && clients != "" {
		to.Way = wayTo(clients)
	}
	w.ways[node] = to
	for _, addr := range append(known, to.cluster) {
		w.nodes[addr] = node
	}
}

// addr is the address of a container on a network; "" if it is not on it.
func (w *Ways) addr(c Container, n compose.Network, port int) string {
	if endpoint := c.Networks[w.nets[n]]; endpoint != nil && endpoint.IPAddress != "" {
		return net.JoinHostPort(endpoint.IPAddress, strconv.Itoa(port))
	}
	return ""
}

func wayTo(addr string) Way {
	to := Way{Addr: addr}
	if at, err := netip.ParseAddrPort(addr); err == nil {
		to.By = netdev.To(at.Addr())
	}
	return to
}

// Update is told what the containers are by now. A container that is off a network, or does not run, keeps the address
// that it had.
func (w *Ways) Update(containers []Container) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.updated = time.Now()
	for _, c := range containers {
		for node, to := range w.ways {
			if to.container != c.ID {
				continue
			}
			if now := w.addr(c, compose.ClusterNetwork, to.port); now != "" {
				to.cluster = now
				w.nodes[now] = node
			}
			if clients := w.addr(c, compose.ClientNetwork, to.port); to.own && clients != "" && clients != to.Addr {
				to.Way = wayTo(clients)
			}
			w.ways[node] = to
		}
	}
}

// Outdated tells whether it is worth a look at the containers who has an address that is not known: servers can name any,
// again and again.
func (w *Ways) Outdated() bool {
	const apart = 500 * time.Millisecond
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.updated) > apart
}

// To is the way to who has an address, or announces it.
func (w *Ways) To(addr string) (Way, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	node, known := w.nodes[addr]
	return w.ways[node].Way, known
}

// Addr is a node's address on the network of the cluster at the moment.
func (w *Ways) Addr(node string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ways[node].cluster
}

// ClientAddr is a node's address on the network of clients.
func (w *Ways) ClientAddr(node string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ways[node].Addr
}

package observe

import (
	"strings"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
)

// identities are what other nodes and logs call the nodes by: their ids and addresses. Both may change while a node
// is observed, as when it comes back without its nodes.conf. It is safe for concurrent use.
type identities struct {
	mu    sync.RWMutex
	ids   map[string]string // node -> its id by now
	last  map[string]string // node -> the address that it announces by now
	names map[string]string // id -> node, also of ids that it had before
	addrs map[string]string // ip:port -> node, also of addresses that it had before
	hosts map[string]string // ip -> node; "" if several nodes share it
}

func newIdentities(nodes []compose.Node) *identities {
	x := &identities{ids: map[string]string{}, last: map[string]string{}, names: map[string]string{}, addrs: map[string]string{}, hosts: map[string]string{}}
	for _, n := range nodes {
		x.ids[n.Name], x.names[n.ID] = n.ID, n.Name
		x.knownAt(n.Name, n.Addr)
		x.knownAt(n.Name, n.ClientAddr)
	}
	return x
}

// knownAt has a node be known by an address. The caller holds mu, or nobody else knows of x.
func (x *identities) knownAt(node, addr string) {
	x.addrs[addr] = node
	host := hostOf(addr)
	if other, taken := x.hosts[host]; taken && other != node {
		node = ""
	}
	x.hosts[host] = node
}

// is takes in who a node is by its own word, over a connection to it. It tells whether it was somebody else before, or
// elsewhere.
func (x *identities) is(node, id, addr string) (changed bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	changed = x.ids[node] != "" && x.ids[node] != id
	x.ids[node], x.names[id] = id, node
	if strings.HasPrefix(addr, ":") { // it does not know its own yet
		return changed
	}
	if x.addrs[addr] != node {
		x.knownAt(node, addr)
	}
	changed = changed || x.last[node] != "" && x.last[node] != addr
	x.last[node] = addr
	return changed
}

// calledItself takes in an id that a node has logged as its own, at some time.
func (x *identities) calledItself(node, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.names[id] = node
}

// id is a node's by now.
func (x *identities) id(node string) string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.ids[node]
}

// node is whose id it is; former, if that node has another one by now. An id that is of none has no name.
func (x *identities) node(id string) (name string, former bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	name = x.names[id]
	return name, x.ids[name] != id
}

// at is the node with an address ip:port.
func (x *identities) at(addr string) string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.addrs[addr]
}

// on is the node with an address, whatever its port; "" if there are several.
func (x *identities) on(host string) string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.hosts[host]
}

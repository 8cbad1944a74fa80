package local

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
)

// isolation is the two networks of a run. Their bridges are in a namespace of
// their own, the hub: where Docker is installed, the host's firewall drops what
// passes a bridge that it does not know. The host is on both networks by an interface
// each, and routes nothing between them. What a node sends to a network that it
// is off goes to the hub, which forwards nothing and answers nothing: as with
// Docker, it vanishes.
type isolation struct {
	runID   string
	subnets map[compose.Network]netip.Prefix
	hub     netns.NsHandle
	links   *netlink.Handle // in the hub
	bridges map[compose.Network]int
	known   []netip.Addr // on the cluster network, without asking
	mu      sync.Mutex
	nodes   map[string]netns.NsHandle
}

// manyNodes is the number of nodes from which on they are told each other's hardware
// addresses. The kernel keeps no more than 1024 that were asked for by ARP, in
// all namespaces together (net.ipv4.neigh.default.gc_thresh3), and every node of
// a cluster talks to every other.
const manyNodes = 16

// The numbers of what is no node, in both subnets.
const (
	hostItself = 1
	gateway    = 254 // the hub
)

// newIsolation makes the hub with its bridges, and the host's interfaces. peers are all
// nodes' addresses on the cluster network.
func newIsolation(runID string, l layout, peers []netip.Addr) (_ *isolation, err error) {
	i := &isolation{
		runID:   runID,
		subnets: map[compose.Network]netip.Prefix{compose.ClientNetwork: l.ClientNet, compose.ClusterNetwork: l.ClusterNet},
		hub:     netns.None(),
		bridges: map[compose.Network]int{},
		nodes:   map[string]netns.NsHandle{},
	}
	if len(peers) >= manyNodes {
		i.known = peers
	}
	defer func() {
		if err != nil {
			i.close()
			err = explainPermission(err)
		}
	}()
	if i.hub, err = makeNamespace(hubName(runID)); err != nil {
		return nil, err
	}
	if i.links, err = netlink.NewHandleAt(i.hub, unix.NETLINK_ROUTE); err != nil {
		return nil, fmt.Errorf("opening netlink: %w", err)
	}
	for network := range i.subnets {
		if err := i.makeBridge(network); err != nil {
			return nil, fmt.Errorf("making the %s network: %w", network, err)
		}
	}
	return i, nil
}

func (i *isolation) makeBridge(network compose.Network) error {
	snooping := false // there is no multicast to snoop on
	bridge := &netlink.Bridge{LinkAttrs: linkAttrs(string(network)), MulticastSnooping: &snooping}
	bridge.Flags = net.FlagUp
	if err := i.links.LinkAdd(bridge); err != nil {
		return fmt.Errorf("making the bridge: %w", err)
	}
	i.bridges[network] = bridge.Index
	if err := giveAddress(i.links, bridge, i.subnets[network], gateway); err != nil {
		return err
	}

	host, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer host.Close()
	link := &netlink.Veth{
		LinkAttrs: linkAttrs(hostInterface(i.runID, network)), PeerName: "host." + string(network), PeerNamespace: netlink.NsFd(i.hub),
	}
	if err := host.LinkAdd(link); err != nil {
		return fmt.Errorf("making the host's interface: %w", err)
	}
	if err := host.LinkSetAlias(link, i.runID); err != nil {
		return fmt.Errorf("labelling the host's interface: %w", err)
	}
	if err := host.LinkSetUp(link); err != nil {
		return fmt.Errorf("bringing the host's interface up: %w", err)
	}
	peer, err := i.links.LinkByName(link.PeerName)
	if err != nil {
		return err
	}
	if err := i.links.LinkSetUp(peer); err != nil {
		return err
	}
	if err := i.plugInto(peer, network); err != nil {
		return err
	}
	return giveAddress(host, link, i.subnets[network], hostItself)
}

// addNode makes a node's namespace and its interfaces.
func (i *isolation) addNode(node string, addrs map[compose.Network]netip.Addr) error {
	ns, err := makeNamespace(namespaceName(i.runID, node))
	if err != nil {
		return explainPermission(err)
	}
	i.mu.Lock()
	i.nodes[node] = ns
	i.mu.Unlock()
	inside, err := netlink.NewHandleAt(ns, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer inside.Close()
	loopback, err := inside.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := inside.LinkSetUp(loopback); err != nil {
		return err
	}
	for network, addr := range addrs {
		if _, err := i.plugIn(inside, node, network, addr); err != nil {
			return fmt.Errorf("joining the %s network: %w", network, err)
		}
	}
	return nil
}

// enter opens netlink in a node's namespace.
func (i *isolation) enter(node string) (*netlink.Handle, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	ns, ok := i.nodes[node]
	if !ok {
		return nil, errors.New("its network namespace is gone")
	}
	return netlink.NewHandleAt(ns, unix.NETLINK_ROUTE)
}

// namespaceOf is the file of a node's namespace.
func (i *isolation) namespaceOf(node string) string {
	return filepath.Join(namespaces, namespaceName(i.runID, node))
}

// close lets go of the namespaces, which removeIsolation then removes.
func (i *isolation) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.links != nil {
		i.links.Close()
	}
	if i.hub.IsOpen() {
		i.hub.Close()
	}
	for _, ns := range i.nodes {
		ns.Close()
	}
	i.nodes = nil
}

package networks

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/netns"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// Node is a node's namespace, with an interface for each network that it is on.
type Node struct {
	name    string // of the node
	within  string // the name of its namespace
	addrs   map[compose.Network]netip.Addr
	subnets map[compose.Network]netip.Prefix
	// known are the addresses on the cluster network that it need not ask for.
	known []netip.Addr
	hub   *hub

	mu sync.Mutex       // held while its interfaces change
	ns *netns.Namespace // nil once it is closed
}

// Enter puts the calling thread, which should be one of thread.Run, into the node's namespace.
func (n *Node) Enter() error { return netns.Enter(n.within) }

// Traffic is what becomes of the packets of the node's namespace.
func (n *Node) Traffic() (*traffic.Table, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ns == nil {
		return nil, errors.New("its network namespace is gone")
	}
	return traffic.Open(fmt.Sprintf("/proc/self/fd/%d", n.ns.Fd()))
}

// Netlink opens netlink in the node's namespace.
func (n *Node) Netlink() (*netlink.Handle, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.netlink()
}

// netlink is Netlink for who holds mu.
func (n *Node) netlink() (*netlink.Handle, error) {
	if n.ns == nil {
		return nil, errors.New("its network namespace is gone")
	}
	return n.ns.Netlink()
}

// Attach gives the node its interface on a network, and tells when. What a Detach or an Attach
// that failed has left of one is removed first.
func (n *Node) Attach(network compose.Network) (time.Time, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	inside, err := n.netlink()
	if err != nil {
		return time.Time{}, err
	}
	defer inside.Close()
	if err := removeInterface(inside, network); err != nil {
		return time.Time{}, err
	}
	link, err := n.plugIn(inside, network)
	if err != nil {
		return time.Time{}, err
	}
	on := time.Now()
	// To set the hardware address, though it is set already, has the kernel tell
	// everybody of it (arp_notify), who may be waiting for an answer to their ARP.
	return on, inside.LinkSetHardwareAddr(link, hardwareAddr(n.addrs[network]))
}

// Detach takes the node's interface on a network away, and tells when it was off. On an error,
// the node is still on the network.
func (n *Node) Detach(network compose.Network) (time.Time, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	inside, err := n.netlink()
	if err != nil {
		return time.Time{}, err
	}
	defer inside.Close()
	link, err := inside.LinkByName(string(network))
	if err != nil {
		return time.Time{}, err
	}
	// Down takes effect at once; the removal takes its time.
	if err := inside.LinkSetDown(link); err != nil {
		return time.Time{}, err
	}
	off := time.Now()
	_ = inside.LinkDel(link) // it is cut off already, and Attach removes what is left
	return off, nil
}

// Readdress gives the node another address on a network. plugged is whether it is on that.
func (n *Node) Readdress(network compose.Network, to netip.Addr, plugged bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	was := n.addrs[network]
	n.addrs[network] = to
	if !plugged {
		return nil
	}
	inside, err := n.netlink()
	if err == nil {
		defer inside.Close()
		if err = removeInterface(inside, network); err == nil {
			_, err = n.plugIn(inside, network)
		}
	}
	if err != nil {
		n.addrs[network] = was
		return fmt.Errorf("giving it the address %s on the %s network: %w", to, network, err)
	}
	return nil
}

// setUp brings up the loopback interface, and those on all networks.
func (n *Node) setUp() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	inside, err := n.netlink()
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
	for network := range n.addrs {
		if _, err := n.plugIn(inside, network); err != nil {
			return fmt.Errorf("joining the %s network: %w", network, err)
		}
	}
	return nil
}

// plugIn makes a veth pair: one end in the node's namespace, named after the
// network, the other one on the bridge, named after the node. inside is netlink
// in the node's namespace. The bridge passes packets when it returns.
func (n *Node) plugIn(inside *netlink.Handle, network compose.Network) (link netlink.Link, err error) {
	addr := n.addrs[network]
	pair := &netlink.Veth{
		LinkAttrs: linkAttrs(strings.TrimPrefix(n.name, "redis-") + "." + string(network[:3])), PeerName: string(network),
		PeerHardwareAddr: hardwareAddr(addr), PeerNamespace: n.ns.Fd(),
	}
	pair.Flags = net.FlagUp
	if err := n.hub.links.LinkAdd(pair); err != nil {
		return nil, fmt.Errorf("making a veth pair: %w", err)
	}
	defer func() {
		if err != nil { // so that it can be tried again
			_ = n.hub.links.LinkDel(pair)
		}
	}()
	if link, err = inside.LinkByName(string(network)); err != nil {
		return nil, err
	}
	if err := inside.LinkSetUp(link); err != nil {
		return nil, fmt.Errorf("bringing %s up: %w", network, err)
	}
	if err := n.hub.plug(pair, network); err != nil {
		return nil, err
	}
	host := addr.As4()
	if err := giveAddress(inside, link, n.subnets[network], host[3]); err != nil {
		return nil, err
	}
	if err := n.routeElsewhere(inside, link, network); err != nil {
		return nil, err
	}
	if network == compose.ClusterNetwork {
		return link, n.introduce(inside, link)
	}
	return link, nil
}

// routeElsewhere makes the hub the node's default gateway, on the client network as
// long as the node is on it.
func (n *Node) routeElsewhere(inside *netlink.Handle, link netlink.Link, network compose.Network) error {
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Gw: hostIn(n.subnets[network], gateway), Priority: 1}
	if network != compose.ClientNetwork {
		route.Priority = 2
	}
	if err := inside.RouteAdd(route); err != nil {
		return fmt.Errorf("giving it a default route: %w", err)
	}
	return nil
}

// introduce tells the node the hardware addresses of those that it need not ask.
func (n *Node) introduce(inside *netlink.Handle, link netlink.Link) error {
	for _, peer := range n.known {
		if peer == n.addrs[compose.ClusterNetwork] {
			continue
		}
		err := inside.NeighAdd(&netlink.Neigh{
			LinkIndex: link.Attrs().Index, State: netlink.NUD_PERMANENT, IP: peer.AsSlice(), HardwareAddr: hardwareAddr(peer),
		})
		if err != nil {
			return fmt.Errorf("telling it the hardware address of %s: %w", peer, err)
		}
	}
	return nil
}

// removeInterface removes a node's interface on a network, with the other end of its pair, if there
// is one.
func removeInterface(inside *netlink.Handle, network compose.Network) error {
	link, err := inside.LinkByName(string(network))
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return nil
	}
	if err == nil {
		err = inside.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("removing what is left of its interface: %w", err)
	}
	return nil
}

// close lets go of the namespace, which Remove then removes.
func (n *Node) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ns != nil {
		n.ns.Close()
		n.ns = nil
	}
}

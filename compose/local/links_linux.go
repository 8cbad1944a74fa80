package local

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/redis-chaos/redis-chaos/compose"
)

// attach gives a node its interface on a network, and tells when. What a detach or an attach
// that failed has left of one is removed first.
func (i *isolation) attach(node string, network compose.Network, addr netip.Addr) (time.Time, error) {
	inside, err := i.enter(node)
	if err != nil {
		return time.Time{}, err
	}
	defer inside.Close()
	if err := removeInterface(inside, network); err != nil {
		return time.Time{}, err
	}
	link, err := i.plugIn(inside, node, network, addr)
	if err != nil {
		return time.Time{}, err
	}
	on := time.Now()
	// To set the hardware address, though it is set already, has the kernel tell
	// everybody of it (arp_notify), who may be waiting for an answer to their ARP.
	return on, inside.LinkSetHardwareAddr(link, hardwareAddr(addr))
}

// plugIn makes a veth pair: one end in the node's namespace, named after the
// network, the other one on the bridge, named after the node. inside is netlink
// in the node's namespace. The bridge passes packets when it returns.
func (i *isolation) plugIn(inside *netlink.Handle, node string, network compose.Network, addr netip.Addr) (link netlink.Link, err error) {
	i.mu.Lock()
	ns := i.nodes[node]
	i.mu.Unlock()
	pair := &netlink.Veth{
		LinkAttrs: linkAttrs(strings.TrimPrefix(node, "redis-") + "." + string(network[:3])), PeerName: string(network),
		PeerHardwareAddr: hardwareAddr(addr), PeerNamespace: netlink.NsFd(ns),
	}
	pair.Flags = net.FlagUp
	if err := i.links.LinkAdd(pair); err != nil {
		return nil, fmt.Errorf("making a veth pair: %w", err)
	}
	defer func() {
		if err != nil { // so that it can be tried again
			_ = i.links.LinkDel(pair)
		}
	}()
	if link, err = inside.LinkByName(string(network)); err != nil {
		return nil, err
	}
	if err := inside.LinkSetUp(link); err != nil {
		return nil, fmt.Errorf("bringing %s up: %w", network, err)
	}
	if err := i.plugInto(pair, network); err != nil {
		return nil, err
	}
	host := addr.As4()
	if err := giveAddress(inside, link, i.subnets[network], host[3]); err != nil {
		return nil, err
	}
	if err := i.routeElsewhere(inside, link, network); err != nil {
		return nil, err
	}
	if network == compose.ClusterNetwork {
		return link, i.introduce(inside, link, addr)
	}
	return link, nil
}

// routeElsewhere makes the hub a node's default gateway, on the client network as
// long as the node is on it.
func (i *isolation) routeElsewhere(inside *netlink.Handle, link netlink.Link, network compose.Network) error {
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Gw: hostIn(i.subnets[network], gateway), Priority: 1}
	if network != compose.ClientNetwork {
		route.Priority = 2
	}
	if err := inside.RouteAdd(route); err != nil {
		return fmt.Errorf("giving it a default route: %w", err)
	}
	return nil
}

// plugInto makes the hub's end of a pair a port of a bridge, which passes packets
// at once, for the kernel has noticed that both ends are up.
func (i *isolation) plugInto(pair netlink.Link, network compose.Network) error {
	const patience = 5 * time.Second
	for started := time.Now(); ; time.Sleep(time.Millisecond) {
		now, err := i.links.LinkByIndex(pair.Attrs().Index)
		if err != nil {
			return err
		}
		if now.Attrs().OperState == netlink.OperUp {
			break
		}
		if time.Since(started) > patience {
			return fmt.Errorf("%s is not up within %s", pair.Attrs().Name, patience)
		}
	}
	if err := i.links.LinkSetMasterByIndex(pair, i.bridges[network]); err != nil {
		return fmt.Errorf("plugging %s into the bridge: %w", pair.Attrs().Name, err)
	}
	return nil
}

// introduce tells a node the hardware addresses of those that it need not ask.
func (i *isolation) introduce(inside *netlink.Handle, link netlink.Link, self netip.Addr) error {
	for _, peer := range i.known {
		if peer == self {
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

// giveAddress gives a link its address, host in subnet.
func giveAddress(links *netlink.Handle, link netlink.Link, subnet netip.Prefix, host byte) error {
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: hostIn(subnet, host), Mask: net.CIDRMask(subnet.Bits(), 32)}}
	if err := links.AddrAdd(link, addr); err != nil {
		return fmt.Errorf("giving %s the address %s: %w", link.Attrs().Name, addr, err)
	}
	return nil
}

// hostIn is the address of a host in a /24.
func hostIn(subnet netip.Prefix, host byte) net.IP {
	ip := subnet.Masked().Addr().As4()
	ip[3] = host
	return ip[:]
}

// hardwareAddr follows from the address, as Docker's do, so that it is the same
// one after a time off the network.
func hardwareAddr(addr netip.Addr) net.HardwareAddr {
	ip := addr.As4()
	return append(net.HardwareAddr{0x02, 0x42}, ip[:]...)
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

// detach takes a node's interface on a network away, and tells when it was off. On an error,
// the node is still on the network.
func (i *isolation) detach(node string, network compose.Network) (time.Time, error) {
	inside, err := i.enter(node)
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
	_ = inside.LinkDel(link) // it is cut off already, and attach removes what is left
	return off, nil
}

package networks

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// The numbers of what is no node, in both subnets.
const (
	hostItself = 1
	gateway    = 254 // the hub
)

// settings are those of every namespace, in /proc/sys/net. There is no IPv6.
func settings() map[string]string {
	return map[string]string{
		"ipv6/conf/all/disable_ipv6":     "1",
		"ipv6/conf/default/disable_ipv6": "1",
		"bridge/bridge-nf-call-iptables": "0",
		"ipv4/ip_forward":                "0", // the hub must swallow; by default, what the host does is inherited
		"ipv4/conf/default/arp_notify":   "1", // see Node.Attach
	}
}

func linkAttrs(name string) netlink.LinkAttrs {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	return attrs
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

package local

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
)

// namespaces is where named network namespaces are mounted, as ip-netns(8) has it.
const namespaces = "/run/netns"

// isolation is the two networks of a run. Their bridges are in a namespace of
// their own, the hub: where Docker is installed, the host's firewall drops what
// passes a bridge that it does not know. The host is on both networks by a leg
// each, and routes nothing between them: no node has a route by way of it.
type isolation struct {
	runID   string
	subnets map[compose.Network]netip.Prefix
	hub     netns.NsHandle
	links   *netlink.Handle // in the hub
	bridges map[compose.Network]int
	mu      sync.Mutex
	nodes   map[string]netns.NsHandle
}

// newIsolation makes the hub with its bridges, and the host's legs.
func newIsolation(j journal) (_ *isolation, err error) {
	i := &isolation{
		runID:   j.RunID,
		subnets: map[compose.Network]netip.Prefix{compose.ClientNetwork: j.ClientNet, compose.ClusterNetwork: j.ClusterNet},
		hub:     netns.None(),
		bridges: map[compose.Network]int{},
		nodes:   map[string]netns.NsHandle{},
	}
	defer func() {
		if err != nil {
			i.close()
			err = explainPermission(err)
		}
	}()
	if i.hub, err = makeNamespace(hubName(j.RunID)); err != nil {
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

	host, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer host.Close()
	leg := &netlink.Veth{
		LinkAttrs: linkAttrs(hostLeg(i.runID, network)), PeerName: "host." + string(network), PeerNamespace: netlink.NsFd(i.hub),
	}
	if err := host.LinkAdd(leg); err != nil {
		return fmt.Errorf("making the host's leg: %w", err)
	}
	if err := host.LinkSetAlias(leg, i.runID); err != nil {
		return fmt.Errorf("labelling the host's leg: %w", err)
	}
	peer, err := i.links.LinkByName(leg.PeerName)
	if err != nil {
		return err
	}
	if err := i.links.LinkSetMasterByIndex(peer, bridge.Index); err != nil {
		return fmt.Errorf("plugging in the host's leg: %w", err)
	}
	if err := i.links.LinkSetUp(peer); err != nil {
		return err
	}
	return bringUp(host, leg, i.subnets[network], 1)
}

// addNode makes a node's namespace and its legs.
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

// attach gives a node its leg on a network, and tells when.
func (i *isolation) attach(node string, network compose.Network, addr netip.Addr) (time.Time, error) {
	inside, err := i.enter(node)
	if err != nil {
		return time.Time{}, err
	}
	defer inside.Close()
	return i.plugIn(inside, node, network, addr)
}

// plugIn makes a veth pair: one end in the node's namespace, named after the
// network, the other one on the bridge, named after the node. inside is netlink
// in the node's namespace.
func (i *isolation) plugIn(inside *netlink.Handle, node string, network compose.Network, addr netip.Addr) (time.Time, error) {
	i.mu.Lock()
	ns := i.nodes[node]
	i.mu.Unlock()
	leg := &netlink.Veth{
		LinkAttrs: linkAttrs(strings.TrimPrefix(node, "redis-") + "." + string(network[:3])), PeerName: string(network),
		PeerHardwareAddr: hardwareAddr(addr), PeerNamespace: netlink.NsFd(ns),
	}
	leg.MasterIndex, leg.Flags = i.bridges[network], net.FlagUp
	if err := i.links.LinkAdd(leg); err != nil {
		return time.Time{}, fmt.Errorf("making a veth pair: %w", err)
	}
	end, err := inside.LinkByName(string(network))
	if err != nil {
		return time.Time{}, err
	}
	host := addr.As4()
	err = bringUp(inside, end, i.subnets[network], host[3])
	return time.Now(), err
}

// bringUp gives a link its address, host in subnet, and brings it up.
func bringUp(links *netlink.Handle, link netlink.Link, subnet netip.Prefix, host byte) error {
	ip := subnet.Masked().Addr().As4()
	ip[3] = host
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: ip[:], Mask: net.CIDRMask(subnet.Bits(), 32)}}
	if err := links.AddrAdd(link, addr); err != nil {
		return fmt.Errorf("giving %s the address %s: %w", link.Attrs().Name, addr, err)
	}
	if err := links.LinkSetUp(link); err != nil {
		return fmt.Errorf("bringing %s up: %w", link.Attrs().Name, err)
	}
	return nil
}

// hardwareAddr follows from the address, as Docker's do, so that it is the same
// one after a time off the network.
func hardwareAddr(addr netip.Addr) net.HardwareAddr {
	ip := addr.As4()
	return append(net.HardwareAddr{0x02, 0x42}, ip[:]...)
}

// detach takes a node's leg on a network away, and tells when it was off.
func (i *isolation) detach(node string, network compose.Network) (time.Time, error) {
	inside, err := i.enter(node)
	if err != nil {
		return time.Time{}, err
	}
	defer inside.Close()
	leg, err := inside.LinkByName(string(network))
	if err != nil {
		return time.Time{}, err
	}
	// Down takes effect at once; the removal takes its time.
	if err := inside.LinkSetDown(leg); err != nil {
		return time.Time{}, err
	}
	off := time.Now()
	return off, inside.LinkDel(leg)
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

// enterNamespace puts the calling thread into a namespace.
func enterNamespace(file string) error {
	if file == "" {
		return nil
	}
	ns, err := netns.GetFromPath(file)
	if err != nil {
		return fmt.Errorf("opening the network namespace: %w", err)
	}
	defer ns.Close()
	return netns.Set(ns)
}

// makeNamespace makes a named network namespace without IPv6.
func makeNamespace(name string) (ns netns.NsHandle, err error) {
	err = onThread(func() error {
		if ns, err = netns.NewNamed(name); err != nil {
			return fmt.Errorf("making the network namespace %s: %w", name, err)
		}
		for file, value := range map[string]string{
			"/proc/sys/net/ipv6/conf/all/disable_ipv6":       "1",
			"/proc/sys/net/ipv6/conf/default/disable_ipv6":   "1",
			"/proc/sys/net/bridge/bridge-nf-call-iptables":   "0",
			"/proc/sys/net/ipv4/conf/default/arp_notify":     "1", // peers learn at once that a node is back
		} {
			if err := os.WriteFile(file, []byte(value), 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
				ns.Close()
				return fmt.Errorf("setting up the network namespace %s: %w", name, err)
			}
		}
		return nil
	})
	return ns, err
}

// removeIsolation removes the namespaces of a run, with all that is in them, and
// the host's legs.
func removeIsolation(runID string, nodes []string) error {
	host, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("opening netlink: %w", err)
	}
	defer host.Close()
	var errs []error
	for _, network := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		leg, err := host.LinkByName(hostLeg(runID, network))
		if errors.As(err, new(netlink.LinkNotFoundError)) {
			continue
		}
		if err == nil && (leg.Attrs().Alias == runID || leg.Attrs().Alias == "") {
			err = host.LinkDel(leg)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("removing the host's leg on the %s network: %w", network, err))
		}
	}
	names := []string{hubName(runID)}
	for _, node := range nodes {
		names = append(names, namespaceName(runID, node))
	}
	for _, name := range names {
		if err := removeNamespace(name); err != nil {
			errs = append(errs, fmt.Errorf("removing the network namespace %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func removeNamespace(name string) error {
	file := filepath.Join(namespaces, name)
	err := unix.Unmount(file, unix.MNT_DETACH)
	// Its owner may have been killed before it mounted the namespace there.
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// inTheWay tells of what is there already under a name that a run would use.
func inTheWay(runID string, nodes []string) error {
	for _, node := range append([]string{"hub"}, nodes...) {
		if _, err := os.Lstat(filepath.Join(namespaces, namespaceName(runID, node))); err == nil {
			return fmt.Errorf("a network namespace %s is there already, and not in any journal: `ip netns delete` removes it", namespaceName(runID, node))
		}
	}
	for _, network := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		if _, err := net.InterfaceByName(hostLeg(runID, network)); err == nil {
			return fmt.Errorf("a network interface %s is there already, and not in any journal: `ip link delete` removes it", hostLeg(runID, network))
		}
	}
	return nil
}

func namespaceName(runID, node string) string { return runID + "-" + node }

func hubName(runID string) string { return namespaceName(runID, "hub") }

// hostLeg is the name of the host's interface on a network; 15 characters are
// the most that an interface's name can have.
func hostLeg(runID string, network compose.Network) string {
	hash := sha256.Sum256([]byte(runID))
	return fmt.Sprintf("rc%x%s", hash[:4], network[:3])
}

var _ = runtime.GOOS

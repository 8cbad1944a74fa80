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

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
)

// namespaces is where named network namespaces are mounted, as ip-netns(8) has it.
const namespaces = "/run/netns"

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
			"/proc/sys/net/ipv6/conf/all/disable_ipv6":     "1",
			"/proc/sys/net/ipv6/conf/default/disable_ipv6": "1",
			"/proc/sys/net/bridge/bridge-nf-call-iptables": "0",
			"/proc/sys/net/ipv4/ip_forward":                "0", // the hub must swallow; by default, what the host does is inherited
			"/proc/sys/net/ipv4/conf/default/arp_notify":   "1", // see attach
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
// the host's interfaces.
func removeIsolation(runID string, nodes []string) error {
	host, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("opening netlink: %w", err)
	}
	defer host.Close()
	var errs []error
	for _, network := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		link, err := host.LinkByName(hostInterface(runID, network))
		if errors.As(err, new(netlink.LinkNotFoundError)) {
			continue
		}
		if err == nil && (link.Attrs().Alias == runID || link.Attrs().Alias == "") {
			err = host.LinkDel(link)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("removing the host's interface on the %s network: %w", network, err))
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
		if _, err := net.InterfaceByName(hostInterface(runID, network)); err == nil {
			return fmt.Errorf("a network interface %s is there already, and not in any journal: `ip link delete` removes it", hostInterface(runID, network))
		}
	}
	return nil
}

func namespaceName(runID, node string) string { return runID + "-" + node }

func hubName(runID string) string { return namespaceName(runID, "hub") }

// hostInterface is the name of the host's interface on a network; 15 characters are
// the most that an interface's name can have.
func hostInterface(runID string, network compose.Network) string {
	hash := sha256.Sum256([]byte(runID))
	return fmt.Sprintf("rc%x%s", hash[:4], network[:3])
}

// routedSubnets lists what this machine has routes to, the default one aside.
func routedSubnets() ([]netip.Prefix, error) {
	routes, err := netlink.RouteList(nil, unix.AF_INET)
	if err != nil {
		return nil, fmt.Errorf("listing routes: %w", err)
	}
	var subnets []netip.Prefix
	for _, r := range routes {
		if r.Dst == nil {
			continue
		}
		if p, err := netip.ParsePrefix(r.Dst.String()); err == nil && p.Bits() > 0 {
			subnets = append(subnets, p.Masked())
		}
	}
	return subnets, nil
}

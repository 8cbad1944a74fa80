package networks

import (
	"errors"
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/netns"
)

// Remove removes the namespaces of a run, with all that is in them, and
// the host's interfaces.
func Remove(runID string, nodes []string) error {
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
	errs = append(errs, netns.Remove(hubName(runID)))
	for _, node := range nodes {
		errs = append(errs, netns.Remove(namespaceName(runID, node)))
	}
	return errors.Join(errs...)
}

// InTheWay tells of what is there already under a name that a run would use.
func InTheWay(runID string, nodes []string) error {
	for _, node := range append([]string{hubNode}, nodes...) {
		if name := namespaceName(runID, node); netns.Exists(name) {
			return fmt.Errorf("a network namespace %s is there already, and not in any journal: `ip netns delete` removes it", name)
		}
	}
	for _, network := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		if _, err := net.InterfaceByName(hostInterface(runID, network)); err == nil {
			return fmt.Errorf("a network interface %s is there already, and not in any journal: `ip link delete` removes it", hostInterface(runID, network))
		}
	}
	return nil
}

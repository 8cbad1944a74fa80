package networks

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/netns"
)

// hub is the namespace in which the bridges of a run's networks are. It is one of its own because,
// where Docker is installed, the host's firewall drops what passes a bridge that it does not know.
type hub struct {
	ns      *netns.Namespace
	links   *netlink.Handle
	bridges map[compose.Network]int
}

// hubNode stands in the name of the hub's namespace where those of nodes have the node's.
const hubNode = "hub"

func hubName(runID string) string { return namespaceName(runID, hubNode) }

func makeHub(runID string) (_ *hub, err error) {
	h := &hub{bridges: map[compose.Network]int{}}
	if h.ns, err = netns.Make(hubName(runID), settings()); err != nil {
		return nil, err
	}
	if h.links, err = h.ns.Netlink(); err != nil {
		h.ns.Close()
		return nil, fmt.Errorf("opening netlink: %w", err)
	}
	return h, nil
}

// addNetwork makes the bridge of a network, with the gateway's address, and puts this machine on it
// by an interface that bears the run's id as its alias.
func (h *hub) addNetwork(network compose.Network, subnet netip.Prefix, runID string) error {
	snooping := false // there is no multicast to snoop on
	bridge := &netlink.Bridge{LinkAttrs: linkAttrs(string(network)), MulticastSnooping: &snooping}
	bridge.Flags = net.FlagUp
	if err := h.links.LinkAdd(bridge); err != nil {
		return fmt.Errorf("making the bridge: %w", err)
	}
	h.bridges[network] = bridge.Index
	if err := giveAddress(h.links, bridge, subnet, gateway); err != nil {
		return err
	}

	host, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer host.Close()
	link := &netlink.Veth{
		LinkAttrs: linkAttrs(hostInterface(runID, network)), PeerName: "host." + string(network), PeerNamespace: h.ns.Fd(),
	}
	if err := host.LinkAdd(link); err != nil {
		return fmt.Errorf("making the host's interface: %w", err)
	}
	if err := host.LinkSetAlias(link, runID); err != nil {
		return fmt.Errorf("labelling the host's interface: %w", err)
	}
	if err := host.LinkSetUp(link); err != nil {
		return fmt.Errorf("bringing the host's interface up: %w", err)
	}
	peer, err := h.links.LinkByName(link.PeerName)
	if err != nil {
		return err
	}
	if err := h.links.LinkSetUp(peer); err != nil {
		return err
	}
	if err := h.plug(peer, network); err != nil {
		return err
	}
	return giveAddress(host, link, subnet, hostItself)
}

// plug makes the hub's end of a pair a port of a bridge, which passes packets
// at once, for the kernel has noticed that both ends are up.
func (h *hub) plug(end netlink.Link, network compose.Network) error {
	const patience = 5 * time.Second
	for started := time.Now(); ; time.Sleep(time.Millisecond) {
		now, err := h.links.LinkByIndex(end.Attrs().Index)
		if err != nil {
			return err
		}
		if now.Attrs().OperState == netlink.OperUp {
			break
		}
		if time.Since(started) > patience {
			return fmt.Errorf("%s is not up within %s", end.Attrs().Name, patience)
		}
	}
	if err := h.links.LinkSetMasterByIndex(end, h.bridges[network]); err != nil {
		return fmt.Errorf("plugging %s into the bridge: %w", end.Attrs().Name, err)
	}
	return nil
}

// close lets go of the namespace, which Remove then removes.
func (h *hub) close() {
	h.links.Close()
	h.ns.Close()
}

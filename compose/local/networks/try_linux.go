package networks

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/local/netns"
)

// Try does once all that the networks of a run need, where nobody else sees it, and tells what failed.
func Try() error {
	return explainPermission(netns.Try(func() error {
		links, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return fmt.Errorf("opening netlink: %w", err)
		}
		defer links.Close()
		if err := links.LinkAdd(&netlink.Bridge{LinkAttrs: linkAttrs("bridge")}); err != nil {
			return fmt.Errorf("making a bridge: %w", err)
		}
		if err := links.LinkAdd(&netlink.Veth{LinkAttrs: linkAttrs("veth"), PeerName: "peer"}); err != nil {
			return fmt.Errorf("making a veth pair: %w", err)
		}
		return nil
	}))
}

//go:build !linux

package networks

import (
	"errors"
	"net/netip"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

var errNeedsLinux = errors.New("network namespaces need Linux")

// Networks need Linux, so that there are never any here.
type Networks struct{}

// Make fails.
func Make(string, map[compose.Network]netip.Prefix, []netip.Addr) (*Networks, error) {
	return nil, errNeedsLinux
}

// Add fails.
func (*Networks) Add(string, map[compose.Network]netip.Addr) (*Node, error) {
	return nil, errNeedsLinux
}

// Close does nothing.
func (*Networks) Close() {}

// Node needs Linux, too.
type Node struct{}

// Enter fails.
func (*Node) Enter() error { return errNeedsLinux }

// Traffic fails.
func (*Node) Traffic() (*traffic.Table, error) { return nil, errNeedsLinux }

// Attach fails.
func (*Node) Attach(compose.Network) (time.Time, error) { return time.Time{}, errNeedsLinux }

// Detach fails.
func (*Node) Detach(compose.Network) (time.Time, error) { return time.Time{}, errNeedsLinux }

// Readdress fails.
func (*Node) Readdress(compose.Network, netip.Addr, bool) error { return errNeedsLinux }

// Try tells that Linux is needed.
func Try() error { return errNeedsLinux }

// Remove fails.
func Remove(string, []string) error { return errNeedsLinux }

// InTheWay tells that Linux is needed.
func InTheWay(string, []string) error { return errNeedsLinux }

// Routed fails.
func Routed() ([]netip.Prefix, error) { return nil, errNeedsLinux }

//go:build !linux

package local

import (
	"errors"
	"net/netip"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

var errNeedsLinux = errors.New("network namespaces need Linux")

func tryIsolation() error { return errNeedsLinux }

// isolation needs Linux, so that there is never one here.
type isolation struct{}

func newIsolation(string, layout, []netip.Addr) (*isolation, error) { return nil, errNeedsLinux }

func (*isolation) addNode(string, map[compose.Network]netip.Addr) error { return errNeedsLinux }

func (*isolation) attach(string, compose.Network, netip.Addr) (time.Time, error) {
	return time.Time{}, errNeedsLinux
}

func (*isolation) detach(string, compose.Network) (time.Time, error) {
	return time.Time{}, errNeedsLinux
}

func (*isolation) namespaceOf(string) string { return "" }

func (*isolation) close() {}

func enterNamespace(string) error { return nil }

func removeIsolation(string, []string) error { return errNeedsLinux }

func inTheWay(string, []string) error { return errNeedsLinux }

func routedSubnets() ([]netip.Prefix, error) { return nil, errNeedsLinux }

package compose

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// ReserveSubnets finds two /24 subnets for a run, the preferred ones where nothing
// of this machine overlaps them, nor what is taken besides. No other run gets them
// until they are released, whatever its runtime: by then the run's networks are
// made, and can be seen.
func ReserveSubnets(runID string, preferred [2]netip.Prefix, taken func() ([]netip.Prefix, error)) (_ [2]netip.Prefix, release func(), err error) {
	if err := ReleaseStaleSubnets(); err != nil {
		return preferred, nil, err
	}
	j, err := openSubnets()
	if err != nil {
		return preferred, nil, err
	}
	e, err := j.Register(runID, func(others []journal.Item[[2]netip.Prefix]) ([2]netip.Prefix, error) {
		all, err := taken()
		if err != nil {
			return preferred, err
		}
		for _, other := range others {
			all = append(all, other.Made[:]...)
		}
		return pickSubnets(preferred, append(all, localSubnets()...))
	})
	if err != nil {
		return preferred, nil, fmt.Errorf("reserving subnets: %w", err)
	}
	return e.Made, func() { _ = e.Unregister() }, nil // what is left of it is swept next time
}

// StartInTurn waits until no other run of this user is starting what takes subnets and ports, whatever its runtime, and
// keeps them from it until done. It calls waiting, once, if that takes any time.
func StartInTurn(ctx context.Context, waiting func()) (done func(), err error) {
	j, err := openSubnets()
	if err != nil {
		return nil, err
	}
	return j.Exclusive(ctx, waiting)
}

// ReleaseStaleSubnets releases what runs that were killed had reserved.
func ReleaseStaleSubnets() error {
	j, err := openSubnets()
	if err != nil {
		return err
	}
	_, err = j.Sweep(func(journal.Item[[2]netip.Prefix]) error { return nil })
	return err
}

// openSubnets opens the journal of the subnets that are reserved.
func openSubnets() (journal.Journal[[2]netip.Prefix], error) {
	return journal.Open[[2]netip.Prefix]("subnets")
}

// pickSubnets tries the preferred pair, then the rest of 172.30.0.0/16, then
// 10.230.0.0/16.
func pickSubnets(preferred [2]netip.Prefix, taken []netip.Prefix) (pair [2]netip.Prefix, err error) {
	free := func(p netip.Prefix) bool { return !slices.ContainsFunc(taken, p.Overlaps) }
	if free(preferred[0]) && free(preferred[1]) {
		return preferred, nil
	}
	for _, base := range [][2]byte{{172, 30}, {10, 230}} {
		for third := 1; third < 255; third += 2 {
			pair[0] = netip.PrefixFrom(netip.AddrFrom4([4]byte{base[0], base[1], byte(third), 0}), 24)
			pair[1] = netip.PrefixFrom(netip.AddrFrom4([4]byte{base[0], base[1], byte(third + 1), 0}), 24)
			if free(pair[0]) && free(pair[1]) {
				return pair, nil
			}
		}
	}
	return pair, fmt.Errorf("no two free /24 subnets in 172.30.0.0/16 and 10.230.0.0/16: `docker network ls` shows what holds them; `docker network prune` removes unused ones")
}

// localSubnets lists the subnets that this machine's interfaces are on.
func localSubnets() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var subnets []netip.Prefix
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			subnets = append(subnets, p.Masked())
		}
	}
	return subnets
}

// lastHost is the greatest host number of a node: those above it are for gateways.
const lastHost = 250

// FreeAddress is an address of a subnet that no node has or had, from its end.
func FreeAddress(subnet netip.Prefix, taken []netip.Addr) (netip.Addr, error) {
	for n := lastHost; n > firstHost; n-- {
		if a := host(subnet, n); !slices.Contains(taken, a) {
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no address is free in %s", subnet)
}

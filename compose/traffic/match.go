package traffic

import (
	"net/netip"
	"slices"
)

// maxClauses keeps a rule from filling the kernel's ruleset.
const maxClauses = 4096

// clause is a part of a match: one peer, one protocol, one range of ports at either end. No two
// clauses of a match have a packet in common, so that each packet is judged once.
type clause struct {
	peer          netip.Prefix // invalid for all but the namespace itself
	protocol      uint8        // by its number in IP; 0 for any
	local, remote Ports        // zero for any
}

// Numbers of protocols, as in the header of IP.
const (
	protocolTCP = 6
	protocolUDP = 17
)

// clauses are all of a match.
func (m Match) clauses() []clause {
	var protocols []uint8
	switch {
	case m.Protocol == TCP:
		protocols = []uint8{protocolTCP}
	case m.Protocol == UDP:
		protocols = []uint8{protocolUDP}
	case len(m.LocalPorts)+len(m.RemotePorts) > 0:
		protocols = []uint8{protocolTCP, protocolUDP}
	default:
		protocols = []uint8{0}
	}
	var all []clause
	for _, peer := range orAny(distinctPrefixes(m.Peers)) {
		for _, protocol := range protocols {
			for _, local := range orAny(distinctPorts(m.LocalPorts)) {
				for _, remote := range orAny(distinctPorts(m.RemotePorts)) {
					all = append(all, clause{peer, protocol, local, remote})
				}
			}
		}
	}
	return all
}

func orAny[T any](some []T) []T {
	if len(some) == 0 {
		return make([]T, 1)
	}
	return some
}

// distinctPrefixes leaves out what lies in another one, and repeats.
func distinctPrefixes(prefixes []netip.Prefix) []netip.Prefix {
	sorted := make([]netip.Prefix, 0, len(prefixes))
	for _, p := range prefixes {
		if p.Addr().Is4In6() && p.Bits() >= 96 { // such packets are those of IPv4
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		sorted = append(sorted, p.Masked())
	}
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		if c := a.Bits() - b.Bits(); c != 0 {
			return c
		}
		return a.Addr().Compare(b.Addr())
	})
	var distinct []netip.Prefix
	for _, p := range sorted {
		if !slices.ContainsFunc(distinct, p.Overlaps) {
			distinct = append(distinct, p)
		}
	}
	return distinct
}

// distinctPorts joins ranges that overlap.
func distinctPorts(ports []Ports) []Ports {
	sorted := slices.SortedFunc(slices.Values(ports), func(a, b Ports) int { return int(a.First) - int(b.First) })
	var distinct []Ports
	for _, p := range sorted {
		if n := len(distinct); n > 0 && p.First <= distinct[n-1].Last {
			distinct[n-1].Last = max(distinct[n-1].Last, p.Last)
			continue
		}
		distinct = append(distinct, p)
	}
	return distinct
}

// matches is whether a packet is of the clause.
func (c clause) matches(p packet) bool {
	if c.peer.IsValid() {
		if !c.peer.Contains(p.peer) {
			return false
		}
	} else if p.loopback {
		return false
	}
	return (c.protocol == 0 || c.protocol == p.protocol) &&
		(c.local == Ports{} || p.hasPorts && c.local.contain(p.local)) &&
		(c.remote == Ports{} || p.hasPorts && c.remote.contain(p.remote))
}

func (p Ports) contain(port uint16) bool { return p.First <= port && port <= p.Last }

// overlap is whether a packet may be of both.
func overlap(a, b Match) bool {
	if a.Direction != b.Direction {
		return false
	}
	for _, x := range a.clauses() {
		for _, y := range b.clauses() {
			if (!x.peer.IsValid() || !y.peer.IsValid() || x.peer.Overlaps(y.peer)) &&
				(x.protocol == 0 || y.protocol == 0 || x.protocol == y.protocol) &&
				portsOverlap(x.local, y.local) && portsOverlap(x.remote, y.remote) {
				return true
			}
		}
	}
	return false
}

func portsOverlap(a, b Ports) bool {
	return a == Ports{} || b == Ports{} || a.First <= b.Last && b.First <= a.Last
}

// Connection is one of TCP, as the namespace sees it.
type Connection struct {
	Local  netip.AddrPort `json:"local"`
	Remote netip.AddrPort `json:"remote"`
}

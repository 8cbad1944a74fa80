package traffic

import (
	"net/netip"
	"testing"
)

func prefixes(all ...string) []netip.Prefix {
	var p []netip.Prefix
	for _, s := range all {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

// TestClauses: each packet is of one clause at most, however peers and ports overlap.
func TestClauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		match Match
		want  int
	}{
		"everything":             {Match{}, 1},
		"a protocol":             {Match{Protocol: TCP}, 1},
		"ports of both":          {Match{LocalPorts: []Ports{Port(1)}}, 2},
		"peers in each other":    {Match{Peers: prefixes("10.0.0.0/8", "10.1.2.3/32", "10.0.0.0/8")}, 1},
		"IPv4 as IPv6":           {Match{Peers: prefixes("::ffff:10.1.2.3/128", "10.1.2.3/32")}, 1},
		"both families":          {Match{Peers: prefixes("0.0.0.0/0", "::/0")}, 2},
		"ports that overlap":     {Match{Protocol: UDP, LocalPorts: []Ports{{1, 5}, {5, 9}, {7, 8}, {20, 30}}}, 2},
		"peers and ports at all": {Match{Peers: prefixes("10.0.0.1/32", "10.0.0.2/32"), LocalPorts: []Ports{Port(1), Port(3)}, RemotePorts: []Ports{{1, 2}}}, 8},
	} {
		if got := test.match.clauses(); len(got) != test.want {
			t.Errorf("%s: %d clauses, want %d: %+v", name, len(got), test.want, got)
		}
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	base := Match{Direction: In, Protocol: TCP, Peers: prefixes("10.0.0.0/24"), LocalPorts: []Ports{{10, 20}}}
	for name, test := range map[string]struct {
		change func(*Match)
		want   bool
	}{
		"itself":            {func(*Match) {}, true},
		"other direction":   {func(m *Match) { m.Direction = Out }, false},
		"other protocol":    {func(m *Match) { m.Protocol = UDP }, false},
		"any protocol":      {func(m *Match) { m.Protocol = "" }, true},
		"a peer of these":   {func(m *Match) { m.Peers = prefixes("10.0.0.7/32") }, true},
		"other peers":       {func(m *Match) { m.Peers = prefixes("10.0.1.0/24") }, false},
		"any peer":          {func(m *Match) { m.Peers = nil }, true},
		"next ports":        {func(m *Match) { m.LocalPorts = []Ports{{21, 30}} }, false},
		"other end's ports": {func(m *Match) { m.LocalPorts, m.RemotePorts = nil, []Ports{Port(1)} }, true},
	} {
		other := base
		test.change(&other)
		if got := overlap(base, other); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	m := Match{Peers: prefixes("10.0.0.0/24"), RemotePorts: []Ports{{100, 200}}}
	p := packet{peer: netip.MustParseAddr("10.0.0.9"), protocol: protocolUDP, hasPorts: true, local: 5, remote: 150}
	for name, test := range map[string]struct {
		change func(*packet)
		want   bool
	}{
		"it":              {func(*packet) {}, true},
		"by loopback":     {func(p *packet) { p.loopback = true }, true}, // as a peer is named
		"another peer":    {func(p *packet) { p.peer = netip.MustParseAddr("10.0.1.9") }, false},
		"another port":    {func(p *packet) { p.remote = 201 }, false},
		"a later part":    {func(p *packet) { p.hasPorts = false }, false},
		"without a port":  {func(p *packet) { p.protocol, p.hasPorts = 1, false }, false},
		"the other end's": {func(p *packet) { p.local, p.remote = 150, 5 }, false},
	} {
		changed := p
		test.change(&changed)
		got := 0
		for _, c := range m.clauses() {
			if c.matches(changed) {
				got++
			}
		}
		if got > 1 || (got == 1) != test.want {
			t.Errorf("%s: %d clauses match", name, got)
		}
	}
	if (Match{}).clauses()[0].matches(packet{loopback: true}) {
		t.Error("a match without peers is of what a namespace sends to itself")
	}
}

package network

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Packets says which packets of its targets a fault is about, as far as its settings do.
type Packets struct {
	chaos.Selector `yaml:",inline"`
	// Network is "cluster" (gossip and replication), "client" or "all".
	Network string `yaml:"network"`
	// Direction is "in", "out" or "both", as the target sees it.
	Direction string `yaml:"direction"`
	// Port is "bus" (gossip), "server" (clients and replication) or "all".
	Port string `yaml:"port"`
	// Peers are the nodes that they are exchanged with; nobody means everybody.
	Peers []string `yaml:"peers"`

	shaped
}

// packets are all that go in a direction.
func packets(direction string) Packets {
	return Packets{Network: "all", Direction: direction, Port: "all"}
}

// Check implements scenarios.FaultSpec.
func (p Packets) Check(c scenarios.Cluster) error {
	if err := p.Selector.Check(c); err != nil {
		return err
	}
	if err := cmp.Or(
		scenarios.OneOf("network", p.Network, "cluster", "client", "all"),
		scenarios.OneOf("direction", p.Direction, "in", "out", "both"),
		scenarios.OneOf("port", p.Port, "bus", "server", "all"),
	); err != nil {
		return err
	}
	for _, peer := range p.Peers {
		if err := aim.CheckName("peers", peer, c); err != nil {
			return err
		}
	}
	return nil
}

// where says which packets these are: "out, cluster network, bus, redis-master-2".
func (p Packets) where() string {
	words := []string{p.Direction}
	if p.Direction == "both" {
		words[0] = "in and out"
	}
	if p.Network != "all" {
		words = append(words, p.Network+" network")
	}
	if p.Port != "all" {
		words = append(words, p.Port+" port")
	}
	return strings.Join(append(words, p.Peers...), ", ")
}

// busOffset is what the port of the bus is above the server's
// (https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/).
const busOffset = 10_000

// matches are of the packets of a node of a cluster.
func (p Packets) matches(c compose.Servers, node string) ([]traffic.Match, error) {
	i := slices.IndexFunc(c.Nodes(), func(n compose.Node) bool { return n.Name == node })
	if i < 0 {
		return nil, fmt.Errorf("no node %s", node)
	}
	peers, err := p.peers(c.Nodes(), c.Nodes()[i])
	if err != nil {
		return nil, err
	}
	at, err := netip.ParseAddrPort(c.Nodes()[i].Addr)
	if err != nil {
		return nil, err
	}
	var all []traffic.Match
	for _, d := range []traffic.Direction{traffic.In, traffic.Out} {
		if p.Direction != "both" && p.Direction != string(d) {
			continue
		}
		m := traffic.Match{Direction: d, Peers: peers}
		port := []traffic.Ports{traffic.Port(at.Port())}
		switch p.Port {
		case "all":
			all = append(all, m)
			continue
		case "bus":
			port = []traffic.Ports{traffic.Port(at.Port() + busOffset)}
		}
		m.Protocol = traffic.TCP
		own, other := m, m
		own.LocalPorts, other.RemotePorts = port, port
		all = append(all, own, other)
	}
	return all, nil
}

// subnet is how long the prefix of the networks of a cluster is.
const subnet = 24

// peers are the addresses of those that a node exchanges the packets with.
func (p Packets) peers(nodes []compose.Node, of compose.Node) (all []netip.Prefix, err error) {
	named := nodes
	bits := 32
	if len(p.Peers) == 0 {
		named, bits = []compose.Node{of}, subnet
	}
	for _, n := range named {
		if len(p.Peers) > 0 && !slices.Contains(p.Peers, n.Name) {
			continue
		}
		for network, addr := range map[string]string{"cluster": n.Addr, "client": n.ClientAddr} {
			if p.Network != "all" && p.Network != network {
				continue
			}
			at, err := netip.ParseAddrPort(addr)
			if err != nil {
				return nil, fmt.Errorf("the address of %s on the %s network: %w", n.Name, network, err)
			}
			prefix, err := at.Addr().Prefix(bits)
			if err != nil {
				return nil, err
			}
			all = append(all, prefix)
		}
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	return slices.Compact(all), nil
}

// unique is the same packets for one target.
func (p Packets) unique() Packets {
	p.shaped = newShaped()
	return p
}

// shape has an effect on the packets of a node.
func (p *Packets) shape(ctx context.Context, c chaos.Cluster, node string, effect traffic.Effect) error {
	matches, err := p.matches(c, node)
	if err != nil {
		return err
	}
	return p.stand(ctx, c, node, rulesOf(matches, effect))
}

// rulesOf have an effect on all packets that match.
func rulesOf(matches []traffic.Match, effect traffic.Effect) (rules []traffic.Rule) {
	for i, m := range matches {
		rules = append(rules, traffic.Rule{ID: strconv.Itoa(i), Match: m, Effect: effect})
	}
	return rules
}

package network

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Split keeps groups of nodes apart: those of one do not hear those of another. Its targets are the nodes that
// lose packets of their own by that: all but those of the group with the majority of the masters. Healing
// lets them hear each other.
type Split struct {
	aim.Groups `yaml:",inline"`
	// Network is "cluster" (gossip and replication), "client" (clients keep to one group) or "all".
	Network string `yaml:"network"`
	// Clients is the group that clients keep to where their network is split: they and the nodes of other groups do
	// not hear each other.
	Clients string `yaml:"clients"`
	// From is the only group whose packets are lost; without it, all groups' are.
	From string `yaml:"from"`
	// Mode is "drop", which nobody is told of, or "reject", which refuses connections at once, and ends those that live
	// with their next packet.
	Mode string `yaml:"mode"`

	found aim.Targets
	shaped
}

func (kinds) Split() chaos.Fault { return &Split{Network: "cluster", Mode: "drop"} }

var (
	_ chaos.Dividing  = (*Split)(nil)
	_ chaos.Preparing = (*Split)(nil)
	_ aim.Finder      = (*Split)(nil)
)

// Check implements scenarios.FaultSpec.
func (s *Split) Check(c scenarios.Cluster) error {
	blame := func(field, format string, args ...any) error {
		return &scenarios.FieldError{Field: field, Msg: fmt.Sprintf(format, args...)}
	}
	if err := cmp.Or(s.Groups.Check(c), scenarios.OneOf("network", s.Network, "cluster", "client", "all"), checkMode(s.Mode)); err != nil {
		return err
	}
	names := s.Names()
	switch {
	case s.Network == "cluster" && s.Clients != "":
		return blame("clients", "clients reach all nodes by their own network, which is not split; leave clients out, or write network: all")
	case len(names) == 0 && s.Network != "cluster":
		return blame("network", "a ring has no groups, and so none that clients could keep to; write network: cluster")
	case len(names) == 0 && s.From != "":
		return blame("from", "a ring has no groups, and so none whose packets could be lost; leave from out")
	case s.Network != "cluster" && s.Clients == "":
		return blame("network", "which group do clients keep to? write clients: %s", strings.Join(names, " or clients: "))
	case s.Clients != "" && !slices.Contains(names, s.Clients):
		return scenarios.OneOf("clients", s.Clients, names...)
	case s.From != "" && !slices.Contains(names, s.From):
		return scenarios.OneOf("from", s.From, names...)
	}
	return nil
}

// Targets implements chaos.Fault.
func (s *Split) Targets() aim.Finder { return s }

// Find implements aim.Finder.
func (s *Split) Find(t observe.Topology, d aim.Draw) (aim.Targets, error) {
	division, err := s.Divide(t, d)
	if err != nil {
		return aim.Targets{}, err
	}
	found := aim.Targets{Why: s.Groups.String(), Division: division, Cuts: s.cutsOf(division, division.WithMajority(t))}
	for _, node := range division.Nodes() {
		if _, cut := found.Cuts[node]; cut {
			found.Nodes = append(found.Nodes, node)
		}
	}
	return found, nil
}

// cutsOf is what is lost of the packets of each node. What is between the group with the majority and
// another one is lost at the other one's nodes, which are those that are cut off.
func (s *Split) cutsOf(d aim.Division, majority string) map[string]aim.Cut {
	cuts := map[string]aim.Cut{}
	lose := func(at, to, from string) {
		cut := cuts[at]
		if to != "" {
			cut.To = append(cut.To, to)
		} else {
			cut.From = append(cut.From, from)
		}
		cuts[at] = cut
	}
	for _, node := range d.Nodes() {
		group := d.GroupOf(node)
		if s.Network != "cluster" && group != s.Clients {
			if s.From == "" || s.From == group {
				lose(node, aim.Clients, "")
			}
			if s.From == "" || s.From == s.Clients {
				lose(node, "", aim.Clients)
			}
		}
		if s.Network == "client" || s.From != "" && s.From != group {
			continue
		}
		for _, other := range d.Nodes() {
			switch {
			case !d.Apart(node, other):
			case group != "" && group == majority:
				lose(other, "", node)
			default:
				lose(node, other, "")
			}
		}
	}
	return cuts
}

// Among implements chaos.Dividing.
func (s *Split) Among(found aim.Targets) chaos.Fault {
	own := *s
	own.found = found
	return &own
}

// Prepare implements chaos.Preparing.
func (s *Split) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *s
	own.shaped = newShaped()
	return &own, nil
}

// Detail implements chaos.Detailed.
func (s *Split) Detail() string {
	words := []string{s.Mode, map[string]string{"cluster": "cluster network", "client": "client network", "all": "both networks"}[s.Network]}
	if s.Clients != "" {
		words = append(words, "clients with "+s.Clients)
	}
	if s.From != "" {
		words = append(words, "what "+s.From+" sends")
	}
	text := strings.Join(words, ", ")
	if s.found.Nodes != nil {
		text += "; " + s.found.Division.String()
	}
	return text
}

// Past implements chaos.Affecting.
func (s *Split) Past() string { return "cut off from other groups" }

// Inject implements chaos.Fault.
func (s *Split) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	var matches []traffic.Match
	for _, way := range []struct {
		direction string
		names     []string
	}{{"out", s.found.Cuts[node].To}, {"in", s.found.Cuts[node].From}} {
		of, err := lostMatches(c, node, way.direction, way.names)
		if err != nil {
			return err
		}
		matches = append(matches, of...)
	}
	return s.stand(ctx, c, node, rulesOf(matches, lost(s.Mode)))
}

// lostMatches are of the packets of a node in a direction: with other nodes, and with clients.
func lostMatches(c compose.Servers, node, direction string, names []string) (all []traffic.Match, err error) {
	peers := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == aim.Clients })
	if len(peers) > 0 {
		if all, err = (Packets{Network: "cluster", Direction: direction, Port: "all", Peers: peers}).matches(c, node); err != nil {
			return nil, err
		}
	}
	if len(peers) == len(names) {
		return all, nil
	}
	clients, err := Packets{Network: "client", Direction: direction, Port: "all"}.matches(c, node)
	return append(all, clients...), err
}

package network

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Resolver has the name servers of a node answer late, or not at all, whom it asks for names: with cluster.announce:
// hostname it does so for each node that it connects to, and does nothing else meanwhile. Healing has them answer as they do.
type Resolver struct {
	chaos.Selector `yaml:",inline"`
	// Mode is "slow", or "silent", which is no answer.
	Mode string `yaml:"mode"`
	// Delay is how late a slow answer is.
	Delay units.Duration `yaml:"delay"`

	shaped
}

func (kinds) Resolver() chaos.Fault {
	return &Resolver{Mode: "silent", Delay: units.Duration(2 * time.Second)}
}

var (
	_ chaos.Demanding = (*Resolver)(nil)
	_ chaos.Preparing = (*Resolver)(nil)
)

// Needs implements chaos.Demanding.
func (r *Resolver) Needs() []compose.Ability {
	return []compose.Ability{compose.Naming, compose.Shaping}
}

// Check implements scenarios.FaultSpec.
func (r *Resolver) Check(c scenarios.Cluster) error {
	if err := r.Selector.Check(c); err != nil {
		return err
	}
	if known := []string{"slow", "silent"}; !slices.Contains(known, r.Mode) {
		return &scenarios.FieldError{Field: "mode", Msg: fmt.Sprintf("unknown mode %q; known: %s", r.Mode, strings.Join(known, ", "))}
	}
	if r.Mode == "silent" {
		return nil
	}
	return scenarios.InRange("delay", r.Delay, units.Duration(time.Millisecond), units.Duration(time.Minute), "")
}

// Detail implements chaos.Detailed.
func (r *Resolver) Detail() string {
	if r.Mode == "silent" {
		return "no answers to lookups of names"
	}
	return fmt.Sprintf("answers to lookups of names come %s late", r.Delay)
}

// Past implements chaos.Affecting.
func (r *Resolver) Past() string { return "left without a resolver" }

// Prepare implements chaos.Preparing.
func (r *Resolver) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *r
	own.shaped = newShaped()
	return &own, nil
}

// domain is the port of name servers (RFC 1035).
const domain = 53

// Inject implements chaos.Fault: it is what the node asks that is late or lost. A name server of the engine's own is
// asked by the loopback interface.
func (r *Resolver) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	effect := traffic.Effect{Drop: &traffic.Drop{}}
	if r.Mode == "slow" {
		effect = traffic.Effect{Latency: &traffic.Latency{Delay: r.Delay.D()}}
	}
	loopback := netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8)
	var rules []traffic.Rule
	for _, protocol := range []traffic.Protocol{traffic.UDP, traffic.TCP} {
		for _, peers := range [][]netip.Prefix{nil, {loopback}} {
			rules = append(rules, traffic.Rule{ID: strconv.Itoa(len(rules)), Effect: effect, Match: traffic.Match{
				Direction: traffic.Out, Peers: peers, Protocol: protocol, RemotePorts: []traffic.Ports{traffic.Port(domain)},
			}})
		}
	}
	return r.stand(ctx, c, node, rules)
}

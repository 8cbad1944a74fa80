package network

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Reset ends the node's connections that live, as a firewall that has lost its state does.
type Reset struct {
	Packets `yaml:",inline"`
}

func (kinds) Reset() chaos.Fault { return &Reset{Packets: packets("both")} }

var _ scenarios.Momentary = (*Reset)(nil)

// Momentary implements scenarios.Momentary.
func (r *Reset) Momentary() {}

// Detail implements chaos.Detailed.
func (r *Reset) Detail() string { return "connections, " + r.where() }

// Past implements chaos.Affecting.
func (r *Reset) Past() string { return "made to lose its connections" }

// Effects implements chaos.Affecting.
func (r *Reset) Effects() []record.Effect { return nil }

// Inject implements chaos.Fault.
func (r *Reset) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	matches, err := r.matches(c, node)
	if err != nil {
		return err
	}
	_, err = c.Reset(ctx, node, matches)
	return err
}

// By implements chaos.Enforced.
func (r *Reset) By(chaos.Cluster, string) string { return string(traffic.Destroy) }

// Heal implements chaos.Fault.
func (r *Reset) Heal(context.Context, chaos.Cluster, string) error { return nil }

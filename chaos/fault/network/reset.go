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

	ended *int
}

func (kinds) Reset() chaos.Fault { return &Reset{Packets: packets("both")} }

var (
	_ scenarios.Momentary = (*Reset)(nil)
	_ chaos.Preparing     = (*Reset)(nil)
	_ chaos.Telling       = (*Reset)(nil)
)

// Momentary implements scenarios.Momentary.
func (r *Reset) Momentary() {}

// Detail implements chaos.Detailed.
func (r *Reset) Detail() string { return "connections, " + r.where() }

// Past implements chaos.Affecting.
func (r *Reset) Past() string { return "made to lose its connections" }

// Effects implements chaos.Affecting.
func (r *Reset) Effects() []record.Effect { return nil }

// Prepare implements chaos.Preparing: each target has its own outcome.
func (r *Reset) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *r
	return &own, nil
}

// Inject implements chaos.Fault.
func (r *Reset) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	matches, err := r.matches(c, node)
	if err != nil {
		return err
	}
	ended, err := c.Reset(ctx, node, matches)
	r.ended = &ended
	return err
}

// Outcome implements chaos.Telling.
func (r *Reset) Outcome() *record.Outcome {
	if r.ended == nil {
		return nil
	}
	return &record.Outcome{Measures: []record.Measure{{Did: record.DidReset, Count: new(int64(*r.ended))}}}
}

// By implements chaos.Enforced.
func (r *Reset) By(chaos.Cluster, string) string { return string(traffic.Destroy) }

// Heal implements chaos.Fault.
func (r *Reset) Heal(context.Context, chaos.Cluster, string) error { return nil }

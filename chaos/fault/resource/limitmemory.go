package resource

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// LimitMemory leaves the node little memory beyond what its server has: one that takes more is killed by the kernel, as
// that of a container whose limit is too low for it. Healing lifts the limit, and starts a server that has ended.
type LimitMemory struct {
	chaos.Selector `yaml:",inline"`
	// More is how much it may take until then; a child that writes a snapshot counts, too.
	More units.Size `yaml:"more"`
}

func (kinds) LimitMemory() chaos.Fault { return &LimitMemory{More: 16_000_000} }

var _ chaos.Demanding = (*LimitMemory)(nil)

// Check implements scenarios.FaultSpec.
func (l *LimitMemory) Check(c scenarios.Cluster) error {
	if err := l.Selector.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("more", l.More, 1_000_000, 1_000_000_000_000, "")
}

// Needs implements chaos.Demanding.
func (l *LimitMemory) Needs() []compose.Ability { return []compose.Ability{compose.LimitingMemory} }

// Detail implements chaos.Detailed.
func (l *LimitMemory) Detail() string { return fmt.Sprintf("%s more, by its control group", l.More) }

// Holds implements scenarios.Holding.
func (l *LimitMemory) Holds() []string { return []string{"memory limit"} }

// Past implements chaos.Affecting.
func (l *LimitMemory) Past() string { return "limited in memory" }

// Effects implements chaos.Affecting.
func (l *LimitMemory) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Inject implements chaos.Fault.
func (l *LimitMemory) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return c.LimitMemory(ctx, node, int64(l.More))
}

// Heal implements chaos.Fault.
func (l *LimitMemory) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	if err := c.LimitMemory(ctx, node, -1); err != nil {
		return err
	}
	return revive(ctx, c, node)
}

package process

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Pause freezes the server's process: its connections stay open, and nothing is
// answered. Healing thaws it.
type Pause struct {
	chaos.Selector `yaml:",inline"`
}

func (kinds) Pause() chaos.Fault { return &Pause{} }

// Detail implements chaos.Detailed.
func (p *Pause) Detail() string { return "process frozen" }

// Holds implements scenarios.Holding.
func (p *Pause) Holds() []string { return []string{"process"} }

// Needs implements chaos.Demanding.
func (p *Pause) Needs() []compose.Ability { return []compose.Ability{compose.Signalling} }

// Past implements chaos.Affecting.
func (p *Pause) Past() string { return "paused" }

// Effects implements chaos.Affecting.
func (p *Pause) Effects() []record.Effect { return []record.Effect{record.Freezes} }

// Inject implements chaos.Fault.
func (p *Pause) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Pause(ctx, node)
}

// Heal implements chaos.Fault.
func (p *Pause) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Unpause(ctx, node)
}

// Healthy implements chaos.Verifying.
func (p *Pause) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.ProcessRuns(ctx, c, node)
}

// Effective implements chaos.Signed.
func (p *Pause) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Paused}} }

// Healed implements chaos.Signed.
func (p *Pause) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Unpaused}} }

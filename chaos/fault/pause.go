package fault

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
)

// Pause freezes the server's process: its connections stay open, and nothing is
// answered. Healing thaws it.
type Pause struct {
	chaos.Selector `yaml:",inline"`
}

func newPause() *Pause { return &Pause{} }

var _ chaos.Fault = (*Pause)(nil)

// Detail implements chaos.Detailed.
func (p *Pause) Detail() string { return "process frozen" }

// Inject implements chaos.Fault.
func (p *Pause) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Pause(ctx, node)
}

// Heal implements chaos.Fault.
func (p *Pause) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Unpause(ctx, node)
}

// Effect implements chaos.Signed.
func (p *Pause) Effect() []chaos.Sign { return []chaos.Sign{{Action: compose.Paused}} }

// Healed implements chaos.Signed.
func (p *Pause) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Unpaused}} }

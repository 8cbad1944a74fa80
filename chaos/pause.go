package chaos

import (
	"context"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Pause freezes the server's process: its connections stay open, and nothing is
// answered. Healing thaws it.
type Pause struct {
	Selector `yaml:",inline"`
}

func newPause() *Pause { return &Pause{} }

var _ Fault = (*Pause)(nil)

// Detail implements Fault.
func (p *Pause) Detail() string { return "process frozen" }

// Inject implements Fault.
func (p *Pause) Inject(ctx context.Context, r compose.Runtime, node string) error {
	return r.Pause(ctx, node)
}

// Heal implements Fault.
func (p *Pause) Heal(ctx context.Context, r compose.Runtime, node string) error {
	return r.Unpause(ctx, node)
}

// Effect implements Fault.
func (p *Pause) Effect() []Sign { return []Sign{{Action: compose.Paused}} }

// Healed implements Fault.
func (p *Pause) Healed() []Sign { return []Sign{{Action: compose.Unpaused}} }

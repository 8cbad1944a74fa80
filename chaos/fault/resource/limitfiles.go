package resource

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/proc"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// LimitFiles leaves the server no file descriptors beside those that it has open: who is connected is answered, nobody
// else is let in, its append-only file cannot be rewritten, and it ends when it has to save its nodes.conf. Healing puts
// the limit back, and starts a server that has ended.
type LimitFiles struct {
	chaos.Selector `yaml:",inline"`
	// Left is how many it can open all the same.
	Left int `yaml:"left"`

	of *server // of one target
}

func (kinds) LimitFiles() chaos.Fault { return &LimitFiles{} }

var (
	_ chaos.Demanding = (*LimitFiles)(nil)
	_ chaos.Preparing = (*LimitFiles)(nil)
	_ chaos.Sustained = (*LimitFiles)(nil)
)

// Check implements scenarios.FaultSpec.
func (l *LimitFiles) Check(c scenarios.Cluster) error {
	if err := l.Selector.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("left", l.Left, 0, 60_000, "")
}

// Needs implements chaos.Demanding.
func (l *LimitFiles) Needs() []compose.Ability { return []compose.Ability{compose.Seeing} }

// Detail implements chaos.Detailed.
func (l *LimitFiles) Detail() string { return fmt.Sprintf("RLIMIT_NOFILE, %d left", l.Left) }

// Past implements chaos.Affecting.
func (l *LimitFiles) Past() string { return "left without file descriptors" }

// Effects implements chaos.Affecting.
func (l *LimitFiles) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Prepare implements chaos.Preparing.
func (l *LimitFiles) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &LimitFiles{Selector: l.Selector, Left: l.Left, of: &server{}}, nil
}

// Inject implements chaos.Fault.
func (l *LimitFiles) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return l.of.inject(ctx, c, node, l.limit)
}

func (l *LimitFiles) limit(pid int) (undo, error) {
	before, err := proc.FileLimit(pid)
	if err != nil {
		return nil, err
	}
	limit, err := proc.LimitFor(pid, l.Left)
	if err != nil {
		return nil, err
	}
	if err := proc.SetFileLimit(pid, limit); err != nil {
		return nil, err
	}
	return func(lives bool) error {
		if !lives {
			return nil
		}
		return proc.SetFileLimit(pid, before)
	}, nil
}

// Sustain implements chaos.Sustained: a server that takes the place of the one before is left none, either.
func (l *LimitFiles) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	return l.of.sustain(ctx, c, node, l.limit)
}

// Heal implements chaos.Fault.
func (l *LimitFiles) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	if err := l.of.heal(ctx, c, node); err != nil {
		return err
	}
	return revive(ctx, c, node)
}

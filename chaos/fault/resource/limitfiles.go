package resource

import (
	"context"
	"errors"
	"fmt"
	"syscall"

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

	before uint64 // the limit of one target
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

// Prepare implements chaos.Preparing: it asks for the limit that there is.
func (l *LimitFiles) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	pid, err := running(ctx, c, node)
	if err != nil {
		return nil, err
	}
	before, err := proc.FileLimit(pid)
	if err != nil {
		return nil, err
	}
	return &LimitFiles{Selector: l.Selector, Left: l.Left, before: before}, nil
}

// Memory implements chaos.Remembering: it is the limit that there was.
func (l *LimitFiles) Memory() any { return &l.before }

// Holds implements scenarios.Holding.
func (l *LimitFiles) Holds() []string { return []string{"file descriptors"} }

// Inject implements chaos.Fault.
func (l *LimitFiles) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	pid, err := running(ctx, c, node)
	if err != nil {
		return err
	}
	return l.limit(pid)
}

func (l *LimitFiles) limit(pid int) error {
	limit, err := proc.LimitFor(pid, l.Left)
	if err != nil {
		return err
	}
	return proc.SetFileLimit(pid, limit)
}

// Sustain implements chaos.Sustained: a server that takes the place of the one before is left none, either.
func (l *LimitFiles) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	return each(ctx, c, node, func(pid int, fresh bool) error {
		if !fresh {
			return nil
		}
		return l.limit(pid)
	})
}

// Heal implements chaos.Fault. A server that has ended has taken its limit along.
func (l *LimitFiles) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	pid, err := c.PID(ctx, node)
	if err != nil {
		return err
	}
	if pid != 0 {
		if err := proc.SetFileLimit(pid, l.before); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return revive(ctx, c, node)
}

// Healthy implements chaos.Verifying.
func (l *LimitFiles) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	pid, err := running(ctx, c, node)
	if err != nil {
		return err
	}
	now, err := proc.FileLimit(pid)
	if err == nil && now < l.before {
		err = fmt.Errorf("%s can open files up to number %d, and could up to %d", node, now, l.before)
	}
	return err
}

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

// Hog has the server share one CPU of the machine with others that never rest: it waits for its turn each time that
// it has something to do. Healing ends them, and lets the server run on all CPUs that it could before.
type Hog struct {
	chaos.Selector `yaml:",inline"`
	// Threads is how many they are.
	Threads int `yaml:"threads"`
	// Nice is their niceness, as nice(1) has it: below 0, they come before the server.
	Nice int `yaml:"nice"`

	could []int     // the CPUs that one target could run on
	busy  *proc.Hog // with that target
	usage
}

func (kinds) Hog() chaos.Fault { return &Hog{Threads: 4} }

var (
	_ chaos.Demanding = (*Hog)(nil)
	_ chaos.Preparing = (*Hog)(nil)
	_ chaos.Sustained = (*Hog)(nil)
	_ chaos.Telling   = (*Hog)(nil)
)

// Check implements scenarios.FaultSpec.
func (h *Hog) Check(c scenarios.Cluster) error {
	if err := h.Selector.Check(c); err != nil {
		return err
	}
	if err := scenarios.InRange("threads", h.Threads, 1, 64, ""); err != nil {
		return err
	}
	return scenarios.InRange("nice", h.Nice, -20, 19, "")
}

// Needs implements chaos.Demanding.
func (h *Hog) Needs() []compose.Ability { return []compose.Ability{compose.Seeing} }

// Detail implements chaos.Detailed.
func (h *Hog) Detail() string {
	return fmt.Sprintf("one CPU for it and %d busy processes of niceness %d", h.Threads, h.Nice)
}

// Past implements chaos.Affecting.
func (h *Hog) Past() string { return "made to share its CPU" }

// Effects implements chaos.Affecting.
func (h *Hog) Effects() []record.Effect { return []record.Effect{record.Slows} }

// Prepare implements chaos.Preparing: it asks for the CPUs that the server may run on.
func (h *Hog) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	pid, err := running(ctx, c, node)
	if err != nil {
		return nil, err
	}
	before, err := proc.CPUs(pid)
	if err != nil {
		return nil, err
	}
	return &Hog{Selector: h.Selector, Threads: h.Threads, Nice: h.Nice, could: before, usage: usage{did: record.DidWait}}, nil
}

// Memory implements chaos.Remembering: it is the CPUs. The busy processes end with this one.
func (h *Hog) Memory() any { return &h.could }

// Holds implements scenarios.Holding.
func (h *Hog) Holds() []string { return []string{"CPU"} }

// Inject implements chaos.Fault.
func (h *Hog) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	pid, err := running(ctx, c, node)
	if err != nil {
		return err
	}
	if h.busy, err = proc.StartHog(pid, h.Threads, h.Nice); err == nil {
		h.begin(ctx, c, node)
	}
	return err
}

// Sustain implements chaos.Sustained: a server that takes the place of the one before shares its CPU, too.
func (h *Hog) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	return each(ctx, c, node, func(pid int, fresh bool) error {
		if !fresh || pid == h.busy.PID() {
			return nil
		}
		if err := h.busy.End(); err != nil {
			return err
		}
		busy, err := proc.StartHog(pid, h.Threads, h.Nice)
		if err == nil {
			h.busy = busy
		}
		return err
	})
}

// Heal implements chaos.Fault. A server that has ended has taken its CPUs along.
func (h *Hog) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	h.end(ctx, c, node)
	if err := h.busy.End(); err != nil {
		return err
	}
	h.busy = nil
	pid, err := c.PID(ctx, node)
	if err != nil || pid == 0 {
		return err
	}
	return proc.SetCPUs(pid, h.could)
}

// Healthy implements chaos.Verifying.
func (h *Hog) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	pid, err := c.PID(ctx, node)
	if err != nil || pid == 0 {
		return err
	}
	now, err := proc.CPUs(pid)
	if err == nil && len(now) < len(h.could) {
		err = fmt.Errorf("%s may run on the CPUs %v, and could on %v", node, now, h.could)
	}
	return err
}

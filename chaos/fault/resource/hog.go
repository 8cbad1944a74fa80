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

	of *server // of one target
}

func (kinds) Hog() chaos.Fault { return &Hog{Threads: 4} }

var (
	_ chaos.Demanding = (*Hog)(nil)
	_ chaos.Preparing = (*Hog)(nil)
	_ chaos.Sustained = (*Hog)(nil)
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

// Prepare implements chaos.Preparing.
func (h *Hog) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &Hog{Selector: h.Selector, Threads: h.Threads, Nice: h.Nice, of: &server{}}, nil
}

// Inject implements chaos.Fault.
func (h *Hog) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return h.of.inject(ctx, c, node, h.start)
}

func (h *Hog) start(pid int) (undo, error) {
	hog, err := proc.StartHog(pid, h.Threads, h.Nice)
	if err != nil {
		return nil, err
	}
	return hog.End, nil
}

// Sustain implements chaos.Sustained: a server that takes the place of the one before shares its CPU, too.
func (h *Hog) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	return h.of.sustain(ctx, c, node, h.start)
}

// Heal implements chaos.Fault.
func (h *Hog) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return h.of.heal(ctx, c, node)
}

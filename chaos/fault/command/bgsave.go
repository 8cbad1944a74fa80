package command

import (
	"context"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Bgsave has the server write a snapshot, by BGSAVE: it forks, and the child takes CPU, disk and
// the memory of what is written meanwhile.
type Bgsave struct {
	chaos.Selector `yaml:",inline"`
}

func (kinds) Bgsave() chaos.Fault { return &Bgsave{} }

var (
	_ scenarios.Momentary = (*Bgsave)(nil)
	_ scenarios.Commander = (*Bgsave)(nil)
)

// Momentary implements scenarios.Momentary.
func (b *Bgsave) Momentary() {}

// Commands implements scenarios.Commander.
func (b *Bgsave) Commands() []string { return []string{"BGSAVE"} }

// Detail implements chaos.Detailed.
func (b *Bgsave) Detail() string { return "BGSAVE" }

// Past implements chaos.Affecting.
func (b *Bgsave) Past() string { return "told to write a snapshot" }

// Effects implements chaos.Affecting.
func (b *Bgsave) Effects() []record.Effect { return nil }

// Inject implements chaos.Fault. That it is at one already is no error: SCHEDULE has another one follow
// a rewrite of the AOF.
func (b *Bgsave) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, "BGSAVE", "SCHEDULE")
	if err != nil && strings.Contains(err.Error(), "already in progress") {
		return nil
	}
	return err
}

// Heal implements chaos.Fault.
func (b *Bgsave) Heal(context.Context, chaos.Cluster, string) error { return nil }

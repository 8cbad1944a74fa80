package command

import (
	"context"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Bgrewriteaof has the server rewrite its append-only file, by BGREWRITEAOF: it forks, and the child
// takes CPU, disk and the memory of what is written meanwhile.
type Bgrewriteaof struct {
	chaos.Selector `yaml:",inline"`
}

func (kinds) Bgrewriteaof() chaos.Fault { return &Bgrewriteaof{} }

var (
	_ scenarios.Momentary = (*Bgrewriteaof)(nil)
	_ scenarios.Commander = (*Bgrewriteaof)(nil)
)

// Momentary implements scenarios.Momentary.
func (b *Bgrewriteaof) Momentary() {}

// Commands implements scenarios.Commander.
func (b *Bgrewriteaof) Commands() []string { return []string{"BGREWRITEAOF"} }

// Detail implements chaos.Detailed.
func (b *Bgrewriteaof) Detail() string { return "BGREWRITEAOF" }

// Past implements chaos.Affecting.
func (b *Bgrewriteaof) Past() string { return "told to rewrite its append-only file" }

// Effects implements chaos.Affecting.
func (b *Bgrewriteaof) Effects() []record.Effect { return nil }

// Inject implements chaos.Fault. That it is at one already is no error.
func (b *Bgrewriteaof) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, "BGREWRITEAOF")
	if err != nil && strings.Contains(err.Error(), "already in progress") {
		return nil
	}
	return err
}

// Heal implements chaos.Fault.
func (b *Bgrewriteaof) Heal(context.Context, chaos.Cluster, string) error { return nil }

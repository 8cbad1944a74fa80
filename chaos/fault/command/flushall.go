package command

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Flushall deletes all data of a shard, as by mistake: FLUSHALL to its master.
type Flushall struct {
	chaos.Selector `yaml:",inline"`
}

func (kinds) Flushall() chaos.Fault { return &Flushall{} }

var (
	_ scenarios.Momentary = (*Flushall)(nil)
	_ scenarios.Commander = (*Flushall)(nil)
)

// Momentary implements scenarios.Momentary.
func (f *Flushall) Momentary() {}

// Check implements scenarios.FaultSpec.
func (f *Flushall) Check(c scenarios.Cluster) error {
	if f.SparesMasters() {
		return &scenarios.FieldError{Msg: "a replica refuses FLUSHALL; write {role: master, shard: 0}"}
	}
	return f.Of(aim.Master).Check(c)
}

// Targets implements chaos.Fault.
func (f *Flushall) Targets() aim.Finder { return f.Of(aim.Master) }

// Commands implements scenarios.Commander.
func (f *Flushall) Commands() []string { return []string{"FLUSHALL"} }

// Destroys implements scenarios.Destructive.
func (f *Flushall) Destroys() string { return "all data of a shard" }

// Detail implements chaos.Detailed.
func (f *Flushall) Detail() string { return "FLUSHALL" }

// Past implements chaos.Affecting.
func (f *Flushall) Past() string { return "told to delete all of its data" }

// Effects implements chaos.Affecting.
func (f *Flushall) Effects() []record.Effect { return nil }

// Inject implements chaos.Fault.
func (f *Flushall) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, "FLUSHALL")
	return err
}

// Heal implements chaos.Fault.
func (f *Flushall) Heal(context.Context, chaos.Cluster, string) error { return nil }

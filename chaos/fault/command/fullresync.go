package command

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// FullResync has all replicas of a master copy its whole data anew: it forgets its replication id (DEBUG
// CHANGE-REPL-ID), and closes the links to them.
type FullResync struct {
	chaos.Selector `yaml:",inline"`
}

func (kinds) FullResync() chaos.Fault { return &FullResync{} }

var (
	_ scenarios.Momentary = (*FullResync)(nil)
	_ scenarios.Commander = (*FullResync)(nil)
)

// Momentary implements scenarios.Momentary.
func (r *FullResync) Momentary() {}

// Check implements scenarios.FaultSpec.
func (r *FullResync) Check(c scenarios.Cluster) error {
	switch {
	case c.LacksReplicas():
		return &scenarios.FieldError{Msg: "a full resync is of replicas, and this cluster has none (cluster.replicas: 0)"}
	case r.Role == aim.Replica:
		return &scenarios.FieldError{Field: "role", Msg: "a full resync is asked of the master, whose replicas all do it; write role: master"}
	}
	return r.Of(aim.Master).Check(c)
}

// Targets implements chaos.Fault.
func (r *FullResync) Targets() aim.Finder { return r.Of(aim.Master) }

// Commands implements scenarios.Commander.
func (r *FullResync) Commands() []string { return []string{"DEBUG", "CLIENT"} }

// Needs implements chaos.Demanding.
func (r *FullResync) Needs() []compose.Ability { return []compose.Ability{compose.Debugging} }

// Detail implements chaos.Detailed.
func (r *FullResync) Detail() string { return "DEBUG CHANGE-REPL-ID, CLIENT KILL TYPE replica" }

// Past implements chaos.Affecting.
func (r *FullResync) Past() string { return "made to send its replicas all of its data" }

// Effects implements chaos.Affecting.
func (r *FullResync) Effects() []record.Effect { return nil }

// Inject implements chaos.Fault.
func (r *FullResync) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	if _, err := do(ctx, c, node, "DEBUG", "CHANGE-REPL-ID"); err != nil {
		return err
	}
	_, err := do(ctx, c, node, "CLIENT", "KILL", "TYPE", "replica")
	return err
}

// Heal implements chaos.Fault.
func (r *FullResync) Heal(context.Context, chaos.Cluster, string) error { return nil }

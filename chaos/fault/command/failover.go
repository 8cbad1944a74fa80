package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Failover has a replica take its master's place, as before planned maintenance:
// CLUSTER FAILOVER (https://redis.io/docs/latest/commands/cluster-failover/).
type Failover struct {
	chaos.Selector `yaml:",inline"`
	// Mode is "default" (the master hands over when the replica has all of its
	// writes), "force" (the replica stands for election without asking the master)
	// or "takeover" (it does not even ask for votes).
	Mode string `yaml:"mode"`
}

func (kinds) Failover() chaos.Fault { return &Failover{Mode: "default"} }

var _ scenarios.Momentary = (*Failover)(nil)

// Momentary implements scenarios.Momentary.
func (f *Failover) Momentary() {}

// Check implements scenarios.FaultSpec.
func (f *Failover) Check(c scenarios.Cluster) error {
	modes := []string{"default", "force", "takeover"}
	switch {
	case c.LacksReplicas():
		return &scenarios.FieldError{Msg: "a failover needs a replica to take over, and this cluster has none (cluster.replicas: 0)"}
	case f.IsEmpty():
		return &scenarios.FieldError{Msg: "no target: write {shard: 0}, {node: redis-replica-1} or {pick: random}"}
	case f.Role == "master":
		return &scenarios.FieldError{Field: "role", Msg: "a failover is asked of the replica that is to take over; leave role out, and one of the shard's replicas is picked"}
	case len(f.Node) > 1 || f.Count != nil || f.Percent != nil:
		return &scenarios.FieldError{Msg: "a failover is asked of one replica; write {shard: 0}, or a fault for each of several shards"}
	case !slices.Contains(modes, f.Mode):
		return &scenarios.FieldError{Field: "mode", Msg: fmt.Sprintf("unknown mode %q; known: %s", f.Mode, strings.Join(modes, ", "))}
	}
	return f.one().Check(c)
}

// Targets implements chaos.Fault.
func (f *Failover) Targets() aim.Finder { return f.one() }

// one is a selector of one replica, because a shard has but one master.
func (f *Failover) one() aim.Selector {
	s := f.Of(aim.Replica)
	if len(s.Node) == 0 {
		s.Pick = "random"
	}
	return s
}

// Detail implements chaos.Detailed.
func (f *Failover) Detail() string {
	if f.Mode == "default" {
		return "CLUSTER FAILOVER"
	}
	return "CLUSTER FAILOVER " + strings.ToUpper(f.Mode)
}

// Past implements chaos.Affecting.
func (f *Failover) Past() string { return "told to take over" }

// Effects implements chaos.Affecting.
func (f *Failover) Effects() []record.Effect {
	if f.Mode == "default" {
		return []record.Effect{record.Promotes}
	}
	return []record.Effect{record.Promotes, record.Forces}
}

// Inject implements chaos.Fault.
func (f *Failover) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, strings.Fields(f.Detail())...)
	if err != nil && strings.Contains(err.Error(), "You should send CLUSTER FAILOVER to a") {
		return fmt.Errorf("%s is a master by now, and there is nothing for it to take over; name its shard, and one of its replicas is picked", node)
	}
	return err
}

// Heal implements chaos.Fault.
func (f *Failover) Heal(context.Context, chaos.Cluster, string) error { return nil }

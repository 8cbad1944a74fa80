package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// ClusterReset has a replica forget the cluster and its data, by CLUSTER RESET SOFT. Healing has it
// meet the others again, and replicate its master.
type ClusterReset struct {
	chaos.Selector `yaml:",inline"`

	master string // the id of one target's
}

func (kinds) ClusterReset() chaos.Fault { return &ClusterReset{} }

var (
	_ scenarios.Commander = (*ClusterReset)(nil)
	_ chaos.Preparing     = (*ClusterReset)(nil)
)

// Check implements scenarios.FaultSpec.
func (r *ClusterReset) Check(c scenarios.Cluster) error {
	if r.Role == aim.Master {
		return &scenarios.FieldError{Field: "role", Msg: "a master that has keys refuses CLUSTER RESET; write role: replica"}
	}
	return r.Of(aim.Replica).Check(c)
}

// Targets implements chaos.Fault.
func (r *ClusterReset) Targets() aim.Finder { return r.Of(aim.Replica) }

// Commands implements scenarios.Commander.
func (r *ClusterReset) Commands() []string { return []string{"CLUSTER"} }

// Detail implements chaos.Detailed.
func (r *ClusterReset) Detail() string { return "CLUSTER RESET SOFT" }

// Holds implements scenarios.Holding.
func (r *ClusterReset) Holds() []string { return []string{"membership"} }

// Past implements chaos.Affecting.
func (r *ClusterReset) Past() string { return "made to forget the cluster" }

// Effects implements chaos.Affecting.
func (r *ClusterReset) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Prepare implements chaos.Preparing: it asks for the master.
func (r *ClusterReset) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	seen, err := view.Fetch(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("asking %s for its master: %w", node, err)
	}
	for _, n := range seen.Nodes {
		if n.Myself && n.OfID != "" {
			return &ClusterReset{Selector: r.Selector, master: n.OfID}, nil
		}
	}
	return nil, fmt.Errorf("%s is a master by now, and one that has keys refuses CLUSTER RESET; name its shard and role: replica", node)
}

// Memory implements chaos.Remembering: it is the id of the master.
func (r *ClusterReset) Memory() any { return &r.master }

// Inject implements chaos.Fault.
func (r *ClusterReset) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, "CLUSTER", "RESET", "SOFT")
	return err
}

// Healthy implements chaos.Verifying: it replicates a master, or has been made one that has slots.
func (r *ClusterReset) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	seen, err := view.Fetch(ctx, client)
	if err != nil {
		return fmt.Errorf("asking %s for its master: %w", node, err)
	}
	for _, n := range seen.Nodes {
		if n.Myself && (n.OfID != "" || len(n.Slots) > 0) && len(seen.Nodes) > 1 {
			return nil
		}
	}
	return fmt.Errorf("%s is no member of the cluster", node)
}

// ByCommands implements chaos.Manual.
func (r *ClusterReset) ByCommands(n compose.Node) []string {
	return []string{redisCLI(n, "CLUSTER", "MEET", "HOST", "PORT") + " (of another node)", redisCLI(n, "CLUSTER", "REPLICATE", r.master)}
}

// Heal implements chaos.Fault.
func (r *ClusterReset) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	if r.Healthy(ctx, c, node) == nil {
		return nil
	}
	if err := compose.MeetOthers(ctx, c, node); err != nil {
		return err
	}
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	for {
		_, err := doBy(ctx, client, node, "CLUSTER", "REPLICATE", r.master)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done(): // it has not heard of its master yet
			return errors.Join(err, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

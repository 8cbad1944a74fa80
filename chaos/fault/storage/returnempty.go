package storage

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// ReturnEmpty kills the server (SIGKILL) and removes its data, as of a machine whose disk is not there any more. It keeps
// nodes.conf, and so comes back as the node that it was, with its slots and without their keys: if it does so before a
// replica was promoted, its replicas copy the empty data set. Healing starts it.
type ReturnEmpty struct {
	chaos.Selector `yaml:",inline"`
}

// ReturnEmpty has no settings but its targets.
func (kinds) ReturnEmpty() chaos.Fault { return &ReturnEmpty{} }

var _ chaos.Demanding = (*ReturnEmpty)(nil)

// Needs implements chaos.Demanding.
func (r *ReturnEmpty) Needs() []compose.Ability { return []compose.Ability{compose.Filing} }

// Destroys implements scenarios.Destructive.
func (r *ReturnEmpty) Destroys() string { return "all data of a node" }

// Detail implements chaos.Detailed.
func (r *ReturnEmpty) Detail() string { return "SIGKILL, all files but nodes.conf removed" }

// Holds implements scenarios.Holding.
func (r *ReturnEmpty) Holds() []string { return []string{"process"} }

// Past implements chaos.Affecting.
func (r *ReturnEmpty) Past() string { return "killed, and its data removed" }

// Effects implements chaos.Affecting.
func (r *ReturnEmpty) Effects() []record.Effect {
	return []record.Effect{record.Ends, record.Damages}
}

// Inject implements chaos.Fault.
func (r *ReturnEmpty) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return onFiles(ctx, c, node, func(d *data) error { return d.wipe(isNodesConf) })
}

// Heal implements chaos.Fault.
func (r *ReturnEmpty) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Start(ctx, node)
}

// Effective implements chaos.Signed.
func (r *ReturnEmpty) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (r *ReturnEmpty) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Started}} }

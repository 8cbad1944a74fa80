package process

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Crash has the server die as of a bug (SIGSEGV), with a report of that in its log. Healing starts
// it again on its own data.
type Crash struct {
	chaos.Selector `yaml:",inline"`
}

// Crash has no settings but its targets.
func (kinds) Crash() chaos.Fault { return &Crash{} }

// Detail implements chaos.Detailed.
func (c *Crash) Detail() string { return "SIGSEGV" }

// Past implements chaos.Affecting.
func (c *Crash) Past() string { return "crashed" }

// Effects implements chaos.Affecting.
func (c *Crash) Effects() []record.Effect { return []record.Effect{record.Ends} }

// Inject implements chaos.Fault.
func (c *Crash) Inject(ctx context.Context, cluster chaos.Cluster, node string) error {
	return cluster.Signal(ctx, node, "SIGSEGV")
}

// Heal implements chaos.Fault.
func (c *Crash) Heal(ctx context.Context, cluster chaos.Cluster, node string) error {
	return cluster.Start(ctx, node)
}

// Effective implements chaos.Signed.
func (c *Crash) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (c *Crash) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Started}} }

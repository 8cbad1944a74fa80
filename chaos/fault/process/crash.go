package process

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
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

// Holds implements scenarios.Holding.
func (c *Crash) Holds() []string { return []string{"process"} }

// Needs implements chaos.Demanding.
func (c *Crash) Needs() []compose.Ability { return endsProcess() }

// Past implements chaos.Affecting.
func (c *Crash) Past() string { return "crashed" }

// Effects implements chaos.Affecting.
func (c *Crash) Effects() []record.Effect { return []record.Effect{record.Ends} }

// Inject implements chaos.Fault.
func (c *Crash) Inject(ctx context.Context, cluster chaos.Cluster, node string) error {
	return cluster.Signal(ctx, node, "SIGSEGV")
}

// crashTime is how long the server's report of its crash may take.
const crashTime = 5 * time.Second

// Sustain implements chaos.Sustained. A server that was hit while it held a lock that its report takes, as
// malloc does, never comes to the end of that, and goes on listening: it is killed.
func (c *Crash) Sustain(ctx context.Context, cluster chaos.Cluster, node string) error {
	if alarm.Sleep(ctx, crashTime) {
		_ = whole(ctx, func(ctx context.Context) error { return cluster.Signal(ctx, node, "SIGKILL") }) // it has ended, as it should
	}
	<-ctx.Done()
	return nil
}

// Heal implements chaos.Fault. A server that neither answers nor has ended is killed.
func (c *Crash) Heal(ctx context.Context, cluster chaos.Cluster, node string) error {
	client := compose.DirectClient(cluster, compose.Address(cluster, node), crashTime)
	defer client.Close()
	if client.Ping(ctx).Err() != nil {
		if err := cluster.Stop(ctx, node, 0); err != nil {
			return err
		}
	}
	return cluster.Start(ctx, node)
}

// Healthy implements chaos.Verifying.
func (c *Crash) Healthy(ctx context.Context, cluster chaos.Cluster, node string) error {
	return chaos.ProcessRuns(ctx, cluster, node)
}

// Effective implements chaos.Signed.
func (c *Crash) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (c *Crash) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Started}} }

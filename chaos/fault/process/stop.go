package process

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Stop ends the server gracefully (SIGTERM), by force after a time of grace. Healing starts it
// again on its own data.
type Stop struct {
	chaos.Selector `yaml:",inline"`
	// Grace is how long the server may take to end.
	Grace units.Duration `yaml:"grace"`
}

func (kinds) Stop() chaos.Fault { return &Stop{Grace: units.Duration(10 * time.Second)} }

// Detail implements chaos.Detailed.
func (s *Stop) Detail() string { return "SIGTERM, grace " + s.Grace.String() }

// Takes implements chaos.Slow.
func (s *Stop) Takes() time.Duration { return s.Grace.D() }

// Holds implements scenarios.Holding.
func (s *Stop) Holds() []string { return []string{"process"} }

// Needs implements chaos.Demanding.
func (s *Stop) Needs() []compose.Ability { return endsProcess() }

// Past implements chaos.Affecting.
func (s *Stop) Past() string { return "stopped" }

// Effects implements chaos.Affecting.
func (s *Stop) Effects() []record.Effect { return []record.Effect{record.Ends} }

// Inject implements chaos.Fault.
func (s *Stop) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Stop(ctx, node, s.Grace.D())
}

// Heal implements chaos.Fault.
func (s *Stop) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Start(ctx, node)
}

// Healthy implements chaos.Verifying.
func (s *Stop) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.ProcessRuns(ctx, c, node)
}

// Effective implements chaos.Signed.
func (s *Stop) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (s *Stop) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Started}} }

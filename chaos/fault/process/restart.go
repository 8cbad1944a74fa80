package process

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Restart ends the server gracefully (SIGTERM) and starts it again at once on its own data, as
// after a change of its configuration.
type Restart struct {
	chaos.Selector `yaml:",inline"`
	// Grace is how long the server may take to end.
	Grace units.Duration `yaml:"grace"`
}

func (kinds) Restart() chaos.Fault { return &Restart{Grace: units.Duration(10 * time.Second)} }

var _ scenarios.Momentary = (*Restart)(nil)

// Momentary implements scenarios.Momentary.
func (r *Restart) Momentary() {}

// Detail implements chaos.Detailed.
func (r *Restart) Detail() string { return "SIGTERM, grace " + r.Grace.String() }

// Takes implements chaos.Slow.
func (r *Restart) Takes() time.Duration { return r.Grace.D() }

// Holds implements scenarios.Holding.
func (r *Restart) Holds() []string { return []string{"process"} }

// Needs implements chaos.Demanding.
func (r *Restart) Needs() []compose.Ability { return endsProcess() }

// Past implements chaos.Affecting.
func (r *Restart) Past() string { return "restarted" }

// Effects implements chaos.Affecting.
func (r *Restart) Effects() []record.Effect { return []record.Effect{record.Ends} }

// Inject implements chaos.Fault. It is started though ctx ends meanwhile.
func (r *Restart) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	if err := c.Stop(ctx, node, r.Grace.D()); err != nil {
		return err
	}
	return c.Start(context.WithoutCancel(ctx), node)
}

// Heal implements chaos.Fault: it starts a server that was ended by somebody who did not live to start it.
func (r *Restart) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Start(ctx, node)
}

// Healthy implements chaos.Verifying.
func (r *Restart) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.ProcessRuns(ctx, c, node)
}

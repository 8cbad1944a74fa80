package process

import (
	"context"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Flap kills the server (SIGKILL) and starts it again, over and over, as a supervisor does with one
// that crashes. Healing leaves it running.
type Flap struct {
	chaos.Selector `yaml:",inline"`
	// Down is how long it is down each time.
	Down units.Duration `yaml:"down"`
	// Up is how long it runs after each start.
	Up units.Duration `yaml:"up"`
}

func (kinds) Flap() chaos.Fault {
	return &Flap{Down: units.Duration(time.Second), Up: units.Duration(time.Second)}
}

var _ chaos.Sustained = (*Flap)(nil)

// leastFlap is how short the server can be down or up.
const leastFlap = units.Duration(10 * time.Millisecond)

// Check implements scenarios.FaultSpec.
func (f *Flap) Check(c scenarios.Cluster) error {
	if err := f.Selector.Check(c); err != nil {
		return err
	}
	for field, d := range map[string]units.Duration{"down": f.Down, "up": f.Up} {
		if d < leastFlap {
			return &scenarios.FieldError{Field: field, Msg: fmt.Sprintf("%s is too short; write %s or more", d, leastFlap)}
		}
	}
	return nil
}

// Detail implements chaos.Detailed.
func (f *Flap) Detail() string { return fmt.Sprintf("SIGKILL, down for %s, up for %s", f.Down, f.Up) }

// Holds implements scenarios.Holding.
func (f *Flap) Holds() []string { return []string{"process"} }

// Needs implements chaos.Demanding.
func (f *Flap) Needs() []compose.Ability { return endsProcess() }

// Past implements chaos.Affecting.
func (f *Flap) Past() string { return "killed again and again" }

// Effects implements chaos.Affecting.
func (f *Flap) Effects() []record.Effect { return []record.Effect{record.Ends} }

// Inject implements chaos.Fault.
func (f *Flap) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Signal(ctx, node, "SIGKILL")
}

// Sustain implements chaos.Sustained.
func (f *Flap) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	for {
		if err := whole(ctx, func(ctx context.Context) error { return c.Stop(ctx, node, 0) }); err != nil { // which waits until it has ended
			return err
		}
		if !alarm.Sleep(ctx, f.Down.D()) {
			return nil
		}
		if err := whole(ctx, func(ctx context.Context) error { return c.Start(ctx, node) }); err != nil {
			return err
		}
		if !alarm.Sleep(ctx, f.Up.D()) {
			return nil
		}
		if err := whole(ctx, func(ctx context.Context) error { return c.Signal(ctx, node, "SIGKILL") }); err != nil {
			return err
		}
	}
}

// Heal implements chaos.Fault.
func (f *Flap) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Start(ctx, node)
}

// Healthy implements chaos.Verifying.
func (f *Flap) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.ProcessRuns(ctx, c, node)
}

// Effective implements chaos.Signed.
func (f *Flap) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (f *Flap) Healed() []chaos.Sign { return nil }

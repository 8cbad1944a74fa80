package chaos

import (
	"context"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// injection is one time that a step of the scenario is carried out.
type injection struct {
	scenarios.Fault
	index int // of the step
}

// timeline runs the workloads and the faults side by side until both are done.
func (c *Conductor) timeline(ctx context.Context, events happenings) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	fail := func(err error) {
		if err != nil && ctx.Err() == nil {
			cancel(err)
		}
	}
	for _, load := range c.Loads {
		running.Go(func() { fail(load.Run(ctx, c.Scenario.Duration.D())) })
	}
	for i, f := range c.Scenario.Faults {
		running.Go(func() { fail(c.step(ctx, events, i, f)) })
	}
	running.Go(func() { alarm.Sleep(ctx, c.until(c.Scenario.Duration)) })
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// step waits for the moment of a step, and carries it out.
func (c *Conductor) step(ctx context.Context, events happenings, index int, f scenarios.Fault) error {
	if !alarm.Sleep(ctx, c.until(f.At)) {
		return nil
	}
	return c.inject(ctx, events, injection{f, index})
}

// moment is when so much of the run has passed, and until the time left to that.
func (c *Conductor) moment(d units.Duration) time.Time { return c.Record.Wall().Add(d.D()) }

func (c *Conductor) until(d units.Duration) time.Duration { return time.Until(c.moment(d)) }

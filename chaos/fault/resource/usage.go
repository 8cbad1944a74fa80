package resource

import (
	"context"
	"errors"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/proc"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// usage is what a target's server has of CPUs while a fault is in force. That it cannot be read keeps no fault from being
// done, or healed.
type usage struct {
	did    record.Did
	share  *float64 // of a CPU, that was asked for
	pid    int      // 0 until it begins
	began  time.Time
	before proc.Usage
	err    error
	done   *record.Measure // once it is over
}

// begin is called when the fault is in force.
func (u *usage) begin(ctx context.Context, c chaos.Cluster, node string) {
	u.began = time.Now()
	if u.pid, u.err = running(ctx, c, node); u.err == nil {
		u.before, u.err = proc.UsageOf(u.pid)
	}
}

// end is called before the fault is healed.
func (u *usage) end(ctx context.Context, c chaos.Cluster, node string) {
	if u.began.IsZero() || u.done != nil {
		return
	}
	lasted := time.Since(u.began)
	u.done = &record.Measure{Did: u.did, Asked: record.Asked{Share: u.share}}
	used, err := u.used(ctx, c, node)
	switch {
	case err != nil:
		u.done.Why = err.Error()
	case u.did == record.DidWait:
		u.done.Spent, u.done.For = new(record.InMillis(used.Waited)), new(record.InMillis(used.Ran+used.Waited))
	default:
		u.done.Spent, u.done.For = new(record.InMillis(used.Ran)), new(record.InMillis(lasted))
	}
}

func (u *usage) used(ctx context.Context, c chaos.Cluster, node string) (proc.Usage, error) {
	if u.err != nil {
		return proc.Usage{}, u.err
	}
	if pid, err := c.PID(ctx, node); err != nil || pid != u.pid {
		return proc.Usage{}, errors.Join(errors.New("its server ended meanwhile"), err)
	}
	now, err := proc.UsageOf(u.pid)
	return proc.Usage{Ran: now.Ran - u.before.Ran, Waited: now.Waited - u.before.Waited}, err
}

// Outcome implements chaos.Telling.
func (u *usage) Outcome() *record.Outcome {
	if u.done == nil {
		return nil
	}
	return &record.Outcome{Measures: []record.Measure{*u.done}}
}

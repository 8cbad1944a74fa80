package chaos

import (
	"context"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// LiveThrough has a fault begin and end, though nothing is seen happening.
func (c *Conductor) LiveThrough(ctx context.Context, f scenarios.Fault) error {
	return c.inject(ctx, unseen{}, injection{Fault: f, tell: func(scenarios.StepEvent, record.Millis) {}, leave: func() {}})
}

// unseen is a runtime that tells nothing.
type unseen struct{}

func (unseen) Mark() int { return 0 }

func (unseen) Await(ctx context.Context, _ int, _ string, _ compose.Action, _ compose.Network) (record.Millis, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

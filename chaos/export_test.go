package chaos

import (
	"context"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// LiveThrough has a fault begin and end, and waits for no happening.
func (c *Conductor) LiveThrough(ctx context.Context, rec *record.Record, f scenarios.Fault) error {
	return c.fault(ctx, newRuntimeEvents(rec, runtimeClock{rec: rec}, nil), 0, f)
}

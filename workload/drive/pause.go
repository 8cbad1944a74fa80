package drive

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Pause waits; false if ctx was cancelled first.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// idlePause is what a client of a closed loop rests, in milliseconds, after a
// write that failed sooner than that: a node that refuses connections would
// have it spin, and take the processor from the cluster.
const idlePause = record.Millis(1)

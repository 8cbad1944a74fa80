package alarm

import (
	"context"
	"time"
)

// Sleep waits by a timer of Go's runtime, for whom a millisecond does not matter; false if ctx was
// cancelled first.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

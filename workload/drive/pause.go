package drive

import (
	"context"
	"time"
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

// duration is a time in milliseconds as the standard library has it.
func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

package workload

import (
	"context"
	"time"
)

// receiving is a kind that does something of its own beside its clients: others
// read what they write while they write it.
type receiving interface {
	// startReceivers begins with it, before anything is written. The function that it
	// returns ends it, after the last write has, within seconds.
	startReceivers(ctx context.Context, w *Workload) (leave func(), err error)
}

// startReceivers begins with what the workload's kind does beside its clients, if it does.
func (w *Workload) startReceivers(ctx context.Context) (leave func(), err error) {
	if k, ok := w.kind.(receiving); ok {
		return k.startReceivers(ctx, w)
	}
	return func() {}, nil
}

// pause waits; false if ctx was cancelled first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

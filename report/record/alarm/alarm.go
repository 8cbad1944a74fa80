// Package alarm wakes a goroutine at a moment, more exactly than timers of Go's runtime do.
package alarm

import (
	"context"
	"time"
)

// Alarm wakes one goroutine when its next turn is due. A timer of Go's runtime wakes
// an idle process up to a millisecond late, because that waits in epoll_wait, which
// counts in milliseconds; what is late when it is sent is late when it is answered. So
// where the system has timers that wake like a connection does, it is one of these.
type Alarm struct {
	ctx   context.Context
	exact *exactTimer // nil where there is none
	timer *time.Timer
	stop  func() bool
}

// New is for the goroutine that calls Sleep; Close ends it.
func New(ctx context.Context) *Alarm {
	exact, err := newExactTimer()
	if err != nil { // as there may be no more files
		return &Alarm{ctx: ctx, timer: time.NewTimer(0), stop: func() bool { return true }}
	}
	return &Alarm{ctx: ctx, exact: exact, stop: context.AfterFunc(ctx, exact.cancel)}
}

// Close is to be called by the goroutine that sleeps.
func (a *Alarm) Close() {
	a.stop()
	if a.exact != nil {
		a.exact.close()
	} else {
		a.timer.Stop()
	}
}

// Sleep waits; false if ctx was cancelled first.
func (a *Alarm) Sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	if a.exact != nil {
		return a.exact.sleep(d)
	}
	a.timer.Reset(d)
	select {
	case <-a.timer.C:
		return true
	case <-a.ctx.Done():
		return false
	}
}

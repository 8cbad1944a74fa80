package workload

import (
	"context"
	"time"
)

// alarm wakes one goroutine when its next turn is due. A timer of Go's runtime wakes
// an idle process up to a millisecond late, because that waits in epoll_wait, which
// counts in milliseconds; what is late when it is sent is late when it is answered. So
// where the system has timers that wake like a connection does, it is one of these.
type alarm struct {
	ctx   context.Context
	exact *exactTimer // nil where there is none
	timer *time.Timer
	stop  func() bool
}

// newAlarm is for the goroutine that calls sleep; close ends it.
func newAlarm(ctx context.Context) *alarm {
	exact, err := newExactTimer()
	if err != nil { // as there may be no more files
		return &alarm{ctx: ctx, timer: time.NewTimer(0), stop: func() bool { return true }}
	}
	return &alarm{ctx: ctx, exact: exact, stop: context.AfterFunc(ctx, exact.cancel)}
}

func (a *alarm) close() {
	a.stop()
	if a.exact != nil {
		a.exact.close()
	} else {
		a.timer.Stop()
	}
}

// sleep waits for ms milliseconds; false if ctx was cancelled first.
func (a *alarm) sleep(ms float64) bool {
	if ms <= 0 {
		return true
	}
	d := time.Duration(ms * float64(time.Millisecond))
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

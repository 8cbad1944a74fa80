package process

import (
	"os"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// throttleTick is the least time between two looks at what a process has used.
const throttleTick = time.Millisecond

// Throttle keeps the processes of a node, one after the other, to a share of a CPU, without a control
// group, which not every user may make: one that has used up what it may is stopped until there is
// more for it. What it uses beyond that, until somebody looks, is taken off the next periods.
type Throttle struct {
	running       func() (*Process, error)
	quota, period time.Duration
	stop, stopped chan struct{} // closed when it shall end, and when it has
}

// StartThrottle throttles what running tells to be running, to a share of one CPU. It fails where it
// cannot be told how much CPU time processes use.
func StartThrottle(share float64, running func() (*Process, error)) (*Throttle, error) {
	if _, err := cpuTime(os.Getpid()); err != nil {
		return nil, err
	}
	t := &Throttle{running: running, stop: make(chan struct{}), stopped: make(chan struct{})}
	t.quota, t.period = compose.CPUQuota(share)
	go t.run()
	return t, nil
}

// Share is the share of one CPU.
func (t *Throttle) Share() float64 { return float64(t.quota) / float64(t.period) }

// End lets the processes have all that they can get, from now on.
func (t *Throttle) End() {
	close(t.stop)
	<-t.stopped
}

func (t *Throttle) run() {
	defer close(t.stopped)
	var p *Process
	var used time.Duration // by p, when it was looked at last
	share := t.Share()
	left, last := t.quota, time.Now()
	for {
		now := time.Now()
		left, last = min(t.quota, left+time.Duration(share*float64(now.Sub(last)))), now
		current, err := t.running()
		if err == nil {
			var total time.Duration
			if total, err = cpuTime(current.PID()); err == nil && current == p {
				left -= total - used
			}
			p, used = current, total
		}
		wait := t.period // one that has just ended is followed by another, or by none
		switch {
		case err == nil && left > 0:
			p.release()
			wait = max(left, throttleTick)
		case err == nil:
			p.hold()
			wait = time.Duration(float64(t.quota-left) / share)
		}
		select {
		case <-time.After(wait):
		case <-t.stop:
			if p != nil {
				p.release()
			}
			return
		}
	}
}

package local

import (
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// throttleTick is the least time between two looks at what a server has used.
const throttleTick = time.Millisecond

// throttle keeps the servers of a node to a share of a CPU, without a control group, which
// not every user may make: a server that has used up what it may is stopped until there is
// more for it. What it uses beyond that, until somebody looks, is taken off the next periods.
type throttle struct {
	node          *node
	quota, period time.Duration
	stop, stopped chan struct{} // closed when it shall end, and when it has
}

func startThrottle(n *node, share float64) *throttle {
	t := &throttle{node: n, stop: make(chan struct{}), stopped: make(chan struct{})}
	t.quota, t.period = compose.CPUQuota(share)
	go t.run()
	return t
}

// end lets the servers have all that they can get, from now on.
func (t *throttle) end() {
	close(t.stop)
	<-t.stopped
}

func (t *throttle) run() {
	defer close(t.stopped)
	var s *server
	var used time.Duration // by s, when it was looked at last
	share := float64(t.quota) / float64(t.period)
	left, last := t.quota, time.Now()
	for {
		now := time.Now()
		left, last = min(t.quota, left+time.Duration(share*float64(now.Sub(last)))), now
		current, err := t.node.running()
		if err == nil {
			var total time.Duration
			if total, err = cpuTime(current.pid()); err == nil && current == s {
				left -= total - used
			}
			s, used = current, total
		}
		wait := t.period // a server that has just ended is followed by another, or by none
		switch {
		case err == nil && left > 0:
			s.release()
			wait = max(left, throttleTick)
		case err == nil:
			s.hold()
			wait = time.Duration(float64(t.quota-left) / share)
		}
		select {
		case <-time.After(wait):
		case <-t.stop:
			if s != nil {
				s.release()
			}
			return
		}
	}
}

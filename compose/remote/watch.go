package remote

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// watchPace is the time between two looks at whether a process runs, and so how late its end is seen at most; findPace
// is that between two looks for one that somebody else may have started.
const (
	watchPace = 5 * time.Millisecond
	findPace  = 200 * time.Millisecond
)

// watch tells what becomes of the processes, until halt.
func (c *Cluster) watch() {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	for _, n := range c.nodes {
		if n.here != nil {
			before := n.here.running()
			c.watching.Go(func() { c.watchOne(ctx, n.here, before) })
		}
	}
}

func (c *Cluster) halt() {
	c.stop()
	c.watching.Wait()
}

// watchOne tells what becomes of a process after it was before; 0 if it did not run.
func (c *Cluster) watchOne(ctx context.Context, s *server, before int) {
	looked := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchPace):
		}
		if s.running() == 0 && time.Since(looked) > findPace {
			_ = s.find() // whoever needs it is told why it cannot be
			looked = time.Now()
		}
		now := s.running()
		if now == before {
			continue
		}
		if before != 0 {
			c.news.Publish(compose.Happening{Node: s.Name, Action: compose.Died, Time: time.Now()})
		}
		if now != 0 {
			c.news.Publish(compose.Happening{Node: s.Name, Action: compose.Started, Time: time.Now()})
		}
		before = now
	}
}

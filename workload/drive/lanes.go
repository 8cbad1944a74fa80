package drive

import (
	"context"
	"sync"

	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/drive/pace"
)

// lanes are those of a session, and the goroutines that look after them.
type lanes struct {
	all     []*lane
	senders sync.WaitGroup
}

// openLanes begins to send what clients put in lanes, until ctx ends; there are
// none if each client has pipelines of its own.
func (load *Load) openLanes(ctx, sending context.Context, s *Session, k Sender) *lanes {
	open := &lanes{}
	if k == nil || len(load.shared) == 0 {
		return open
	}
	for range load.Target.Shards() {
		l := &lane{}
		l.filled.L = &l.mu
		open.all = append(open.all, l)
	}
	s.lanes = open.all
	for i := range load.shared {
		load.shared[i].Shards = make([]books.ShardTally, load.Target.Shards())
		open.senders.Go(func() { load.serve(ctx, sending, s, k, i) })
	}
	return open
}

// close ends the senders; nothing may be put in a lane any more.
func (l *lanes) close() {
	for _, each := range l.all {
		each.mu.Lock()
		each.closed = true
		each.mu.Unlock()
		each.filled.Broadcast()
	}
	l.senders.Wait()
}

// serve is the life of one sender of a lane. In a closed loop it has a client whose writes
// were acked take its next turn at once.
func (load *Load) serve(ctx, sending context.Context, s *Session, k Sender, number int) {
	book := &load.shared[number]
	_, closed := s.pace.(pace.ClosedLoop)
	pipes, cmds := s.client.(Pipeliner), []*Command(nil)
	next := make([][]*flight, len(s.lanes))
	from := s.lanes[number/laneSenders]
	for batch := from.take(nil); len(batch) > 0; batch = from.take(batch) {
		cmds = cmds[:0]
		for _, f := range batch {
			cmds = append(cmds, &f.cmd)
		}
		pipes.DoShard(sending, load.Keys[batch[0].key], cmds)
		load.settle(book, batch, !closed)
		for _, f := range batch {
			c := f.client
			if c.turn.pending.Add(-1) > 0 {
				continue
			}
			load.note(c)
			now := c.turn.end
			if !closed || !c.turn.acked || now >= s.End || ctx.Err() != nil || !c.Writes.HasRoom(len(c.turn.flights)) {
				c.turn.over <- struct{}{}
				continue
			}
			load.prepare(k, c, now, now)
			for _, f := range c.turn.all {
				next[f.shard] = append(next[f.shard], f)
			}
		}
		for shard, flights := range next {
			if len(flights) > 0 {
				s.lanes[shard].put(flights...)
				next[shard] = flights[:0]
			}
		}
	}
}

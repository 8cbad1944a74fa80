package drive

import (
	"context"
	"sync"
)

// lane is the writes of all clients to one shard. Those that are ready at the same
// time travel in one pipeline of the client library, so that neither this program
// nor the server makes a system call for each. A shard that does not answer holds
// up nobody but those who wait for it.
type lane struct {
	mu     sync.Mutex
	filled sync.Cond
	ready  []*flight
	closed bool
}

// lanes are those of a session, and the goroutines that look after them.
type lanes struct {
	all     []*lane
	senders sync.WaitGroup
}

// openLanes begins to send what clients put in lanes, until ctx ends; there are
// none if each client has pipelines of its own.
func (load *Load) openLanes(ctx, sending context.Context, s *Session, of Driver) *lanes {
	open := &lanes{}
	k, sends := of.(Sender)
	if !sends || len(load.shared) == 0 {
		return open
	}
	for range load.Target.Shards() {
		l := &lane{}
		l.filled.L = &l.mu
		open.all = append(open.all, l)
	}
	s.lanes = open.all
	for i := range load.shared {
		load.shared[i].shards = make([]shardTally, load.Target.Shards())
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

// put adds writes, which end in any order.
func (l *lane) put(flights ...*flight) {
	l.mu.Lock()
	l.ready = append(l.ready, flights...)
	l.mu.Unlock()
	l.filled.Signal()
}

// take waits for writes and takes as many as go into a pipeline; none if the lane
// is closed.
func (l *lane) take(into []*flight) []*flight {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.ready) == 0 {
		if l.closed {
			return nil
		}
		l.filled.Wait()
	}
	n := min(len(l.ready), lanePipeline)
	into = append(into[:0], l.ready[:n]...)
	l.ready = l.ready[:copy(l.ready, l.ready[n:])]
	return into
}

// serve is the life of one sender of a lane. In a closed loop it has a client whose writes
// were acked take its next turn at once.
func (load *Load) serve(ctx, sending context.Context, s *Session, k Sender, number int) {
	book := &load.shared[number]
	_, closed := s.pace.(closedLoop)
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

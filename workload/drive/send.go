package drive

import (
	"context"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Send has a client take turns, in each send what is next, and note what came of it.
func (load *Load) Send(ctx, sending context.Context, s *Session, c *Client, k Sender) {
	load.ready(c)
	if !load.Spec.Client.Autopipeline {
		c.ledger.Shards = make([]books.ShardTally, load.Target.Shards())
	}
	load.takeTurns(ctx, s, &c.Writes, func(begin, called record.Millis, timed bool) (end record.Millis, acked bool) {
		if s.reads.readTurn() {
			return s.reads.read(sending, c, begin), true
		}
		load.prepare(k, c, begin, called)
		if s.lanes != nil {
			for _, f := range c.turn.all {
				s.lanes[f.shard].put(f)
			}
			<-c.turn.over
		} else {
			s.send(sending, &c.turn)
			load.settle(&c.ledger, c.turn.all, timed)
			load.note(c)
			s.reads.wrote(c)
		}
		return c.turn.end, c.turn.acked
	})
}

// takeTurns has a client take its turns, each as soon as it is due and the one before
// is over, until the session is, or ctx, or the client's history is full.
func (load *Load) takeTurns(ctx context.Context, s *Session, history *history.History, take func(begin, called record.Millis, timed bool) (end record.Millis, acked bool)) {
	alarm := alarm.New(ctx)
	defer alarm.Close()
	depth := max(load.Spec.Pipeline, 1)
	for now := load.Rec.Now(); now < s.End && ctx.Err() == nil && history.HasRoom(depth); {
		// A turn that is sent late began when it was due, and its call begins now.
		begin, called := now, now
		due, timed := s.pace.Next(depth)
		if timed {
			begin = s.start + due
			if begin >= s.End || !alarm.Sleep((begin - now).D()) {
				return
			}
			if begin > now {
				called = load.Rec.Now()
			}
		}
		var acked bool
		if now, acked = take(begin, called, timed); !timed && !acked && now-begin < idlePause {
			alarm.Sleep(idlePause.D())
			now = load.Rec.Now()
		}
	}
}

// send sends the commands of a client's turn to wherever their keys are, in one pipeline if
// there are several, and waits for the answers.
func (s *Session) send(ctx context.Context, t *turn) {
	if len(t.cmds) == 1 {
		s.client.Do(ctx, t.cmds[0])
	} else {
		s.client.(Pipeliner).DoAll(ctx, t.cmds)
	}
}

package workload

import (
	"context"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// sender is what a type of workload sends, value by value.
type sender interface {
	// KeyOf is the index of the key that write n of a client goes to.
	KeyOf(client int, n uint32) int
	// command appends the command that writes v to key: its name, key, and v, which is
	// the last argument.
	command(args []any, key string, v *write) []any
	// AppendValue appends what write n of a client writes.
	AppendValue(b []byte, client int, n uint32) []byte
}

// send has a client take turns, in each send what is next, and note what came of it.
func (load *Load) send(ctx, sending context.Context, s *session, c *client, k sender) {
	load.ready(c)
	if !load.spec.Client.Autopipeline {
		c.shards = make([]shardTally, load.target.Shards())
	}
	load.takeTurns(ctx, s, &c.writes, func(begin, called float64, timed bool) (endMS float64, acked bool) {
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
		return c.turn.endMS, c.turn.acked
	})
}

// takeTurns has a client take its turns, each as soon as it is due and the one before
// is over, until the session is, or ctx, or the client's history is full.
func (load *Load) takeTurns(ctx context.Context, s *session, history *history.History, take func(begin, called float64, timed bool) (endMS float64, acked bool)) {
	alarm := newAlarm(ctx)
	defer alarm.close()
	depth := max(load.spec.Pipeline, 1)
	for now := load.rec.Now(); now < s.endMS && ctx.Err() == nil && history.HasRoom(depth); {
		// A turn that is sent late began when it was due, and its call begins now.
		begin, called := now, now
		due, timed := s.pace.next(depth)
		if timed {
			begin = s.startMS + due
			if begin >= s.endMS || !alarm.sleep(begin-now) {
				return
			}
			if begin > now {
				called = load.rec.Now()
			}
		}
		var acked bool
		if now, acked = take(begin, called, timed); !timed && !acked && now-begin < idlePause {
			alarm.sleep(idlePause)
			now = load.rec.Now()
		}
	}
}

// send sends the commands of a client's turn to wherever their keys are, in one pipeline if
// there are several, and waits for the answers.
func (s *session) send(ctx context.Context, t *turn) {
	if len(t.cmds) == 1 {
		s.client.Do(ctx, t.cmds[0])
	} else {
		s.client.(pipeliner).DoAll(ctx, t.cmds)
	}
}

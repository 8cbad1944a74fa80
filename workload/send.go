package workload

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// sender is what a type of workload sends, value by value.
type sender interface {
	// KeyOf is the index of the key that write n of a client goes to.
	KeyOf(client int, n uint32) int
	// command writes v to key, its first argument; v is the last one. It may be sent
	// again with another key in it.
	command(ctx context.Context, key string, v *write) redis.Cmder
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
		load.prepare(sending, k, c, begin, called)
		if s.lanes != nil {
			for _, f := range c.turn.all {
				s.lanes[f.shard].put(f)
			}
			<-c.turn.over
		} else {
			s.send(sending, c.turn.all)
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

// send sends commands to wherever their keys are, in one pipeline if there are
// several, and waits for the answers. Each command has its own error.
func (s *session) send(ctx context.Context, flights []*flight) {
	for _, f := range flights {
		f.routed = true
	}
	if len(flights) == 1 {
		f := flights[0]
		if s.auto != nil {
			f.err = s.auto.Process(ctx, f.cmd)
		} else {
			f.err = s.redis.Process(ctx, f.cmd)
		}
		return
	}
	sendAll(ctx, s.redis.Pipeline(), flights)
}

// sendAll sends commands in a pipeline.
func sendAll(ctx context.Context, pipe redis.Pipeliner, flights []*flight) {
	for _, f := range flights {
		_ = pipe.Process(ctx, f.cmd) // it is only queued
	}
	_, _ = pipe.Exec(ctx)
	for _, f := range flights {
		f.err = f.cmd.Err()
	}
}

package workload

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/check"
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

// writer is what a type of workload writes, and how it judges what is left.
type writer interface {
	sender
	// source reads the contents of a key.
	source() source
	// checker compares contents with what clients did. The shard of each key
	// is for attributing losses.
	checker(clients []history.History, shardOf []int) check.Checker
}

// values is the kind of all types that write values, and find them again later.
type values struct{ writer }

var _ kind = values{}

// valuesOf is a kind as what writes values; false if it writes none.
func valuesOf(k kind) (v values, ok bool) {
	switch k := k.(type) {
	case values:
		return k, true
	case *consumed:
		return values{k}, true
	default:
		return v, false
	}
}

// drive implements kind.
func (k values) drive(ctx, sending context.Context, w *Workload, s *session, c *client) {
	sends{k.writer}.drive(ctx, sending, w, s, c)
}

// sends is what types that send values have in common.
type sends struct{ sender }

// drive takes turns, and in each sends what is next, and notes what came of it.
func (k sends) drive(ctx, sending context.Context, w *Workload, s *session, c *client) {
	w.ready(c)
	if !w.spec.Client.Autopipeline {
		c.shards = make([]shardTally, w.target.Shards())
	}
	w.takeTurns(ctx, s, &c.writes, func(begin, called float64, timed bool) (endMS float64, acked bool) {
		if s.reads.readTurn() {
			return s.reads.read(sending, c, begin), true
		}
		k.prepare(sending, w, c, begin, called)
		if s.lanes != nil {
			for _, f := range c.turn.all {
				s.lanes[f.shard].put(f)
			}
			<-c.turn.over
		} else {
			s.send(sending, c.turn.all)
			w.settle(&c.ledger, c.turn.all, timed)
			w.note(c)
			s.reads.wrote(c)
		}
		return c.turn.endMS, c.turn.acked
	})
}

// takeTurns has a client take its turns, each as soon as it is due and the one before
// is over, until the session is, or ctx, or the client's history is full.
func (w *Workload) takeTurns(ctx context.Context, s *session, history *history.History, take func(begin, called float64, timed bool) (endMS float64, acked bool)) {
	alarm := newAlarm(ctx)
	defer alarm.close()
	depth := max(w.spec.Pipeline, 1)
	for now := w.rec.Now(); now < s.endMS && ctx.Err() == nil && history.HasRoom(depth); {
		// A turn that is sent late began when it was due, and its call begins now.
		begin, called := now, now
		due, timed := s.pace.next(depth)
		if timed {
			begin = s.startMS + due
			if begin >= s.endMS || !alarm.sleep(begin-now) {
				return
			}
			if begin > now {
				called = w.rec.Now()
			}
		}
		var acked bool
		if now, acked = take(begin, called, timed); !timed && !acked && now-begin < idlePause {
			alarm.sleep(idlePause)
			now = w.rec.Now()
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

package workload

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// sender is what a type of workload sends, value by value.
type sender interface {
	// keyOf is the index of the key that write n of a client goes to.
	keyOf(client int, n uint32) int
	// command writes v to key; v is the command's last argument.
	command(ctx context.Context, key string, v *write) redis.Cmder
}

// writer is what a type of workload writes, and how it judges what is left.
type writer interface {
	sender
	// source reads the contents of a key.
	source() source
	// checker compares contents with what clients did. The shard of each key
	// is for attributing losses.
	checker(clients []history, shardOf []int) checker
}

// values is the kind of all types that write values, and find them again later.
type values struct{ writer }

var _ kind = values{}

// drive implements kind.
func (k values) drive(ctx, sending context.Context, w *Workload, s *session, c *client) {
	sends{k.writer}.drive(ctx, sending, w, s, c)
}

// sends is what types that send values have in common.
type sends struct{ sender }

// drive claims a write, waits until it is due, sends it, and notes its outcome.
func (k sends) drive(ctx, sending context.Context, w *Workload, s *session, c *client) {
	var (
		out   write
		value []byte
		size  = sizesOf(w.spec)
		timer = time.NewTimer(0)
	)
	defer timer.Stop()
	c.shards = make([]shardTally, w.target.Shards())
	if out.wait = newWait(w.spec); out.wait != nil {
		c.waited = out.wait.replies
	}
	for now := w.rec.Now(); now < s.endMS && ctx.Err() == nil && c.writes.len() < maxWrites; {
		// A write that is sent late began when it was due, and its call begins now.
		begin, called := now, now
		due, timed := s.pace.next()
		if timed {
			begin = s.startMS + due
			if begin >= s.endMS || !sleep(ctx, timer, begin-now) {
				return
			}
			if begin > now {
				called = w.rec.Now()
			}
		}
		n := c.writes.len()
		key := k.keyOf(c.id, n)
		value = appendValue(value[:0], c.id, n, size)
		out.begin(value)
		err := s.redis.Process(sending, k.command(sending, w.keys[key], &out))

		o, cause := out.outcome(err)
		shard := w.shardOf[key]
		if o.isAcked() {
			now = out.by.ack(shard)
			c.latency.add(now, now-begin)
		} else {
			now = w.rec.Now()
			c.shards[shard].errors.add(o, cause, now)
		}
		c.shards[shard].ended(call{client: c.id, fromMS: called, overMS: now, outcome: o})
		c.note(o, now)
		if !timed && !o.isAcked() && now-begin < idlePause {
			sleep(ctx, timer, idlePause)
			now = w.rec.Now()
		}
	}
}

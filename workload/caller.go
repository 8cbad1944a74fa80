package workload

import (
	"context"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// caller paces one client of a kind that does not write values. A turn has one
// command that is accounted for as attempted: what the pace is of.
type caller struct {
	load         *Load
	s            *session
	c            *client
	ctx, sending context.Context
	alarm        *alarm
	// out tracks the command that is accounted for, and is its last argument.
	out write
	// timed: the turn was due at beginMS, whenever it began; else they are the same.
	timed             bool
	beginMS, calledMS float64
	// restMS is for how long a client of a closed loop rests before its next turn.
	restMS float64
}

// newCaller is for the life of a client; stop ends it.
func newCaller(ctx, sending context.Context, load *Load, s *session, c *client) *caller {
	t := &caller{load: load, s: s, c: c, ctx: ctx, sending: sending, alarm: newAlarm(ctx)}
	c.shards = make([]shardTally, load.target.Shards())
	if t.out.wait = newWait(load.spec); t.out.wait != nil {
		c.waited = t.out.wait.replies
	}
	return t
}

func (t *caller) stop() { t.alarm.close() }

// next waits for the next turn; false if there is none.
func (t *caller) next() bool {
	if !t.timed {
		t.pause(t.restMS)
	}
	t.restMS = 0
	now := t.load.rec.Now()
	if now >= t.s.endMS || t.ctx.Err() != nil || !t.c.writes.HasRoom(1) {
		return false
	}
	due, timed := t.s.pace.next(1)
	t.timed, t.beginMS, t.calledMS = timed, now, now
	if timed {
		t.beginMS = t.s.startMS + due
		if t.beginMS >= t.s.endMS || !t.pause(t.beginMS-now) {
			return false
		}
		t.calledMS = t.load.rec.Now()
	}
	return true
}

// pause waits for ms milliseconds; false if ctx was cancelled first.
func (t *caller) pause(ms float64) bool { return t.alarm.sleep(ms) }

// answer is what came of a command.
type answer struct {
	outcome history.Outcome
	// inDoubt counts attempts that were sent and not answered, or not acked as WAIT
	// has it. Each may have been applied, or be applied yet.
	inDoubt int
	null    bool // the server's answer is nil
	// overMS is when the outcome was known; an answer had come by then.
	overMS float64
	node   string // that answered, if one did
}

// send sends the command of the turn, which goes to a shard, and accounts for it.
// Whatever a server answers but an error is an ack.
func (t *caller) send(shard int, cmd *Command) answer {
	t.load.occupation.enter(t.c.id, shard, t.calledMS)
	o, null, cause := t.s.sendOne(t.sending, cmd, &t.out)
	a := answer{outcome: o, inDoubt: t.out.doubts, null: null}
	if t.out.wait != nil && t.out.wait.short != nil {
		a.inDoubt++
	}
	if o.IsAcked() {
		a.node = t.out.by.name
		a.overMS = t.out.by.ack(shard, 1)
		t.c.latency.add(a.overMS, a.overMS-t.beginMS)
	} else {
		a.overMS = t.load.rec.Now()
		t.c.shards[shard].errors.add(o, cause, a.overMS)
		t.restMS = max(0, idlePause-(a.overMS-t.calledMS))
	}
	if t.timed {
		t.c.late.add(a.overMS, t.calledMS-t.beginMS)
	}
	t.c.shards[shard].ended(call{client: t.c.id, fromMS: t.calledMS, overMS: a.overMS, outcome: o})
	t.load.occupation.leave(t.c.id, t.calledMS, a.overMS)
	t.c.note(o, a.overMS)
	return a
}

// extra sends a command on top of that of the turn, which out tracks. It is not accounted
// for as attempted.
func (t *caller) extra(shard int, cmd *Command, out *write) (o history.Outcome, overMS float64) {
	sent := t.load.rec.Now()
	t.load.occupation.enter(t.c.id, shard, sent)
	o, _, _ = t.s.sendOne(t.sending, cmd, out)
	overMS = t.load.rec.Now()
	t.load.occupation.leave(t.c.id, sent, overMS)
	return o, overMS
}

// sendOne sends a command that out tracks. An answer of nil is no error.
func (s *session) sendOne(ctx context.Context, cmd *Command, out *write) (o history.Outcome, null bool, cause error) {
	s.client.Do(ctx, cmd)
	o, cause = out.outcome(cmd.Err)
	return o, cmd.null(), cause
}

package drive

import (
	"context"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Caller paces one client of a kind that does not write values. A turn has one
// command that is accounted for as attempted: what the pace is of.
type Caller struct {
	load         *Load
	s            *Session
	c            *Client
	ctx, sending context.Context
	alarm        *alarm.Alarm
	// Out tracks the command that is accounted for, and is its last argument.
	Out Write
	// timed: the turn was due at begin, whenever it began; else they are the same.
	timed         bool
	begin, Called record.Millis
	// Rest is for how long a client of a closed loop rests before its next turn.
	Rest record.Millis
}

// NewCaller is for the life of a client; stop ends it.
func NewCaller(ctx, sending context.Context, load *Load, s *Session, c *Client) *Caller {
	t := &Caller{load: load, s: s, c: c, ctx: ctx, sending: sending, alarm: alarm.New(ctx)}
	c.ledger.Shards = make([]books.ShardTally, load.Target.Shards())
	if t.Out.Wait = NewWait(load.Spec); t.Out.Wait != nil {
		c.waited = t.Out.Wait.replies
	}
	return t
}

func (t *Caller) Stop() { t.alarm.Close() }

// Next waits for the next turn; false if there is none.
func (t *Caller) Next() bool {
	if !t.timed {
		t.Pause(t.Rest)
	}
	t.Rest = 0
	now := t.load.Rec.Now()
	if now >= t.s.End || t.ctx.Err() != nil || !t.c.Writes.HasRoom(1) {
		return false
	}
	due, timed := t.s.pace.Next(1)
	t.timed, t.begin, t.Called = timed, now, now
	if timed {
		t.begin = t.s.start + due
		if t.begin >= t.s.End || !t.Pause(t.begin-now) {
			return false
		}
		t.Called = t.load.Rec.Now()
	}
	return true
}

// Pause waits for ms milliseconds; false if ctx was cancelled first.
func (t *Caller) Pause(ms record.Millis) bool { return t.alarm.Sleep(ms.D()) }

// Answer is what came of a command.
type answer struct {
	Outcome history.Outcome
	// InDoubt counts attempts that were sent and not answered, or not acked as WAIT
	// has it. Each may have been applied, or be applied yet.
	InDoubt int
	Null    bool // the server's answer is nil
	// Over is when the outcome was known; an answer had come by then.
	Over record.Millis
	Node string // that answered, if one did
}

// Send sends the command of the turn, which goes to a shard, and accounts for it.
// Whatever a server answers but an error is an ack.
func (t *Caller) Send(shard int, cmd *Command) answer {
	t.load.occupation.Enter(t.c.ID, shard, t.Called)
	o, null, cause := t.s.sendOne(t.sending, cmd, &t.Out)
	a := answer{Outcome: o, InDoubt: t.Out.doubts, Null: null}
	if t.Out.Wait != nil && t.Out.Wait.short != nil {
		a.InDoubt++
	}
	if o.IsAcked() {
		a.Node = t.Out.By.Name
		a.Over = t.Out.By.Ack(shard, 1)
		t.c.ledger.Latency.Add(a.Over, a.Over-t.begin)
	} else {
		a.Over = t.load.Rec.Now()
		t.c.ledger.Shards[shard].Errors.Add(o, cause, a.Over)
		t.Rest = max(0, idlePause-(a.Over-t.Called))
	}
	if t.timed {
		t.c.ledger.Late.Add(a.Over, t.Called-t.begin)
	}
	t.c.ledger.Shards[shard].Ended(books.Call{Client: t.c.ID, From: t.Called, Over: a.Over, Outcome: o})
	t.load.occupation.Leave(t.c.ID, t.Called, a.Over)
	t.c.note(o, a.Over)
	return a
}

// Extra sends a command on top of that of the turn, which out tracks. It is not accounted
// for as attempted.
func (t *Caller) Extra(shard int, cmd *Command, out *Write) (o history.Outcome, over record.Millis) {
	sent := t.load.Rec.Now()
	t.load.occupation.Enter(t.c.ID, shard, sent)
	o, _, _ = t.s.sendOne(t.sending, cmd, out)
	over = t.load.Rec.Now()
	t.load.occupation.Leave(t.c.ID, sent, over)
	return o, over
}

// sendOne sends a command that out tracks. An answer of nil is no error.
func (s *Session) sendOne(ctx context.Context, cmd *Command, out *Write) (o history.Outcome, null bool, cause error) {
	s.client.Do(ctx, cmd)
	o, cause = out.Outcome(cmd.Err)
	return o, cmd.null(), cause
}

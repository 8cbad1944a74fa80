package workload

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// shardTally is what one client met on one shard. It belongs to the goroutine
// that runs the client; those of all clients are merged in the end.
type shardTally struct {
	acked int64
	// longest is the call of the client library that took longest; nothing was
	// called if its end is 0.
	longest call
	errors  errorRows
}

// call is one call of the client library, in ms on the run's clock.
type call struct {
	client         int
	fromMS, overMS float64
	outcome        history.Outcome
}

func (c call) lasted() float64 { return c.overMS - c.fromMS }

// ended enters a call that has ended.
func (t *shardTally) ended(c call) {
	if c.outcome.IsAcked() {
		t.acked++
	}
	if t.longest.overMS == 0 || c.lasted() > t.longest.lasted() {
		t.longest = c
	}
}

// merge adds what another client met on the same shard.
func (t *shardTally) merge(from shardTally) {
	t.acked += from.acked
	t.errors.merge(from.errors)
	if from.longest.overMS != 0 && (t.longest.overMS == 0 || from.longest.lasted() > t.longest.lasted()) {
		t.longest = from.longest
	}
}

// result is what all clients met on a shard; nothing if they called nothing.
func (t *shardTally) result(shard int) (r record.ClientShard, called bool) {
	c := t.longest
	if c.overMS == 0 {
		return r, false
	}
	o := c.outcome
	if o == history.AckedInDoubt {
		o = history.Acked
	}
	return record.ClientShard{
		Shard: shard, Acked: t.acked, Errors: t.errors.list(),
		Stall: &record.Stall{Client: c.client, FromMS: c.fromMS, UntilMS: c.overMS, Outcome: o.String()},
	}, true
}

package drive

import (
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// ledger is what came of commands, as entered by the one goroutine that looks
// after them. Those of a workload are summed up in the end.
type ledger struct {
	latency samples      // of acked writes
	late    samples      // how late writes of an open loop were sent
	shards  []shardTally // by number

	acked, failed, indeterminate atomic.Int64
}

// count counts an outcome.
func (l *ledger) count(o history.Outcome) {
	switch o {
	case history.Acked, history.AckedInDoubt:
		l.acked.Add(1)
	case history.Failed:
		l.failed.Add(1)
	case history.Indeterminate:
		l.indeterminate.Add(1)
	}
}

// shardTally is what one client met on one shard. It belongs to the goroutine
// that runs the client; those of all clients are merged in the end.
type shardTally struct {
	acked int64
	// longest is the call of the client library that took longest; nothing was
	// called if its end is 0.
	longest call
	errors  failure.Rows
}

// call is one call of the client library, in ms on the run's clock.
type call struct {
	client     int
	from, over record.Millis
	outcome    history.Outcome
}

func (c call) lasted() record.Millis { return c.over - c.from }

// ended enters a call that has ended.
func (t *shardTally) ended(c call) {
	if c.outcome.IsAcked() {
		t.acked++
	}
	if t.longest.over == 0 || c.lasted() > t.longest.lasted() {
		t.longest = c
	}
}

// merge adds what another client met on the same shard.
func (t *shardTally) merge(from shardTally) {
	t.acked += from.acked
	t.errors.Merge(from.errors)
	if from.longest.over != 0 && (t.longest.over == 0 || from.longest.lasted() > t.longest.lasted()) {
		t.longest = from.longest
	}
}

// result is what all clients met on a shard; nothing if they called nothing.
func (t *shardTally) result(shard int) (r record.ClientShard, called bool) {
	c := t.longest
	if c.over == 0 {
		return r, false
	}
	o := c.outcome
	if o == history.AckedInDoubt {
		o = history.Acked
	}
	return record.ClientShard{
		Shard: shard, Acked: t.acked, Errors: t.errors.List(),
		Stall: &record.Stall{Client: c.client, From: c.from, Until: c.over, Outcome: o.String()},
	}, true
}

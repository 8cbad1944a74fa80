package books

import (
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Ledger is what came of commands, as entered by the one goroutine that looks
// after them. Those of a workload are summed up in the end.
type Ledger struct {
	Latency Samples      // of acked writes
	Late    Samples      // how late writes of an open loop were sent
	Shards  []ShardTally // by number

	Acked, Failed, Indeterminate atomic.Int64
}

// Count counts an outcome.
func (l *Ledger) Count(o history.Outcome) {
	switch o {
	case history.Acked, history.AckedInDoubt:
		l.Acked.Add(1)
	case history.Failed:
		l.Failed.Add(1)
	case history.Indeterminate:
		l.Indeterminate.Add(1)
	}
}

// ShardTally is what one client met on one shard. It belongs to the goroutine
// that runs the client; those of all clients are merged in the end.
type ShardTally struct {
	acked int64
	// longest is the call of the client library that took longest; nothing was
	// called if its end is 0.
	longest Call
	Errors  failure.Rows
}

// Call is one call of the client library, in ms on the run's clock.
type Call struct {
	Client     int
	From, Over record.Millis
	Outcome    history.Outcome
}

func (c Call) lasted() record.Millis { return c.Over - c.From }

// Ended enters a call that has ended.
func (t *ShardTally) Ended(c Call) {
	if c.Outcome.IsAcked() {
		t.acked++
	}
	if t.longest.Over == 0 || c.lasted() > t.longest.lasted() {
		t.longest = c
	}
}

// Merge adds what another client met on the same shard.
func (t *ShardTally) Merge(from ShardTally) {
	t.acked += from.acked
	t.Errors.Merge(from.Errors)
	if from.longest.Over != 0 && (t.longest.Over == 0 || from.longest.lasted() > t.longest.lasted()) {
		t.longest = from.longest
	}
}

// Result is what all clients met on a shard; nothing if they called nothing.
func (t *ShardTally) Result(shard int) (r record.ClientShard, called bool) {
	c := t.longest
	if c.Over == 0 {
		return r, false
	}
	o := c.Outcome
	if o == history.AckedInDoubt {
		o = history.Acked
	}
	return record.ClientShard{
		Shard: shard, Acked: t.acked, Errors: t.Errors.List(),
		Stall: &record.Stall{Client: c.Client, From: c.From, Until: c.Over, Outcome: o.String()},
	}, true
}

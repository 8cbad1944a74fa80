package workload

import (
	"iter"
	"sync/atomic"

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

// ledgers are those of all clients, and of the lanes that clients share.
func (load *Load) ledgers() iter.Seq[*ledger] {
	return func(yield func(*ledger) bool) {
		for i := range load.clients {
			if !yield(&load.clients[i].ledger) {
				return
			}
		}
		for i := range load.shared {
			if !yield(&load.shared[i]) {
				return
			}
		}
	}
}

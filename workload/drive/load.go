// Package drive has the clients of a workload send what its kind wants sent, at their pace,
// and enters what comes of every attempt: outcomes, latencies, who acked, and who waited for
// whom. What it sends goes through a client library, of which it knows no more than
// [Library].
package drive

import (
	"iter"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Load is the clients of one workload, and what they count.
type Load struct {
	Spec    scenarios.Workload
	Keys    []string
	keyArgs []any // the same, as arguments: to make one takes memory each time
	ShardOf []int // by index of key
	Target  Target
	Rec     *record.Record
	Library Library
	// NoLoss: the workload does not look for lost writes.
	NoLoss bool

	Clients []Client
	shared  []books.Ledger // of the senders of lanes, if clients share some
	acks    *books.Acks
	// occupation is nil where a command may go to any shard.
	occupation *books.Occupation
	parts      []*part
	latency    atomic.Pointer[hdrhistogram.Histogram]
}

// NewLoad is the load of a workload whose keys are yet to be named.
func NewLoad(spec scenarios.Workload, target Target, rec *record.Record, through Library) *Load {
	load := &Load{
		Spec:    spec,
		Keys:    make([]string, spec.Keys),
		ShardOf: make([]int, spec.Keys),
		Target:  target,
		Rec:     rec,
		Library: through,
		Clients: make([]Client, spec.Clients),
		acks:    books.NewAcks(rec, spec.Name, target.Shards()),

		occupation: books.NewOccupation(rec, spec.Name, spec.Clients),
	}
	for i := range load.Clients {
		load.Clients[i].ID = i
	}
	if spec.Client.Autopipeline {
		load.shared = make([]books.Ledger, target.Shards()*laneSenders)
	}
	return load
}

// GoesAnywhere: a command may go to any shard, and so nobody knows which one its client waits
// for.
func (load *Load) GoesAnywhere() { load.occupation = nil }

// Name is the workload's name in the scenario.
func (load *Load) Name() string { return load.Spec.Name }

// Progress counts the writes that have ended so far. It may be called at any
// time from any goroutine.
func (load *Load) Progress() (attempted, acked, failed, indeterminate int64) {
	for l := range load.ledgers() {
		acked += l.Acked.Load()
		failed += l.Failed.Load()
		indeterminate += l.Indeterminate.Load()
	}
	return acked + failed + indeterminate, acked, failed, indeterminate
}

// Histogram is the latency of acked writes in microseconds, from 1 µs to 10
// min with 3 significant digits, once Run has ended; nil before, or if no
// write was acked.
func (load *Load) Histogram() *hdrhistogram.Histogram { return load.latency.Load() }

// everyClient is the clients of a load, and what they are to its parts.
func (load *Load) everyClient() iter.Seq[*Client] {
	return func(yield func(*Client) bool) {
		all := []*Load{load}
		for _, p := range load.parts {
			all = append(all, p.Load)
		}
		for _, each := range all {
			for i := range each.Clients {
				if !yield(&each.Clients[i]) {
					return
				}
			}
		}
	}
}

// ledgers are those of all clients, and of the lanes that clients share.
func (load *Load) ledgers() iter.Seq[*books.Ledger] {
	return func(yield func(*books.Ledger) bool) {
		for i := range load.Clients {
			if !yield(&load.Clients[i].ledger) {
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

// part is another load that the clients of one take turns at. It does not run by itself.
type part struct {
	*Load
	sender Sender
	fresh  Freshness // nil if a read of it cannot be judged
}

// Histories are those of all clients, once they have ended.
func (load *Load) Histories() []history.History {
	all := make([]history.History, len(load.Clients))
	for i := range load.Clients {
		all[i] = load.Clients[i].Writes
	}
	return all
}

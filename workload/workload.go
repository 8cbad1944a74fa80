// Package workload writes to a Redis Cluster through its cluster client,
// remembers what came of every write, and afterwards reads everything back to
// tell which acknowledged writes are gone.
//
// A [Workload] goes through three steps. [New] plans it and touches nothing.
// [Workload.Run] writes, with a number of clients that each have one write in
// flight, or one pipeline of them, and keeps a history of outcomes. [Workload.Verify] reads the keys
// back once the cluster has settled, and compares.
//
// The package knows nothing of faults, nor of how the cluster is deployed.
package workload

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Target is the cluster, as far as a workload has to know it.
type Target interface {
	// Addrs are announced addresses ("ip:port" or "name:port") of nodes to start from.
	Addrs() []string
	// Dial connects to the node that the cluster names by addr.
	Dial(ctx context.Context, network, addr string) (net.Conn, error)
	// NodeAt is the name of the node that the cluster names by addr, whatever its
	// cluster-preferred-endpoint-type; "" if there is none.
	NodeAt(addr string) string
	// ShardOf is the number of the shard that owns a hash slot.
	ShardOf(slot int) int
	// Shards is how many shards there are.
	Shards() int
}

// Kinds are the types of workload that this package offers.
func Kinds() map[string]scenarios.WorkloadKind {
	kinds := map[string]scenarios.WorkloadKind{}
	for name, p := range plans() {
		kinds[name] = p.judges
	}
	// What a mixed one can judge, its parts decide.
	kinds[scenarios.TypeMixed] = scenarios.WorkloadKind{}
	return kinds
}

// plan is how to make workloads of a type, and what they can judge.
type plan struct {
	judges scenarios.WorkloadKind
	kind   func(spec scenarios.Workload, seed int64) (kind, error)
}

// plans lists the types of workload.
func plans() map[string]plan {
	return map[string]plan{
		"set": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Pipelines, scenarios.CountsLoss, scenarios.DatesLoss},
			func(spec scenarios.Workload, seed int64) (kind, error) { return values{newSet(spec, seed)}, nil },
		},
		"hash": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Pipelines, scenarios.CountsLoss, scenarios.DatesLoss},
			func(spec scenarios.Workload, seed int64) (kind, error) { return values{newHash(spec, seed)}, nil },
		},
		"register": {
			scenarios.WorkloadKind{scenarios.Pipelines, scenarios.CountsLoss, scenarios.DatesLoss, scenarios.Reads, scenarios.Expires},
			func(spec scenarios.Workload, _ int64) (kind, error) {
				r, err := newRegister(spec)
				return values{r}, err
			},
		},
		"counter": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Pipelines, scenarios.CountsLoss, scenarios.CountsDuplicates, scenarios.Reads},
			func(spec scenarios.Workload, seed int64) (kind, error) { return values{newCounter(spec, seed)}, nil },
		},
		"list": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Pipelines, scenarios.CountsLoss, scenarios.DatesLoss, scenarios.CountsDuplicates, scenarios.ChecksOrder},
			func(spec scenarios.Workload, seed int64) (kind, error) { return values{newList(spec, seed)}, nil },
		},
		"stream": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Pipelines, scenarios.CountsLoss, scenarios.DatesLoss, scenarios.CountsDuplicates, scenarios.ChecksOrder, scenarios.HasGroups},
			func(spec scenarios.Workload, seed int64) (kind, error) { return newStreamKind(spec, seed), nil },
		},
		"pubsub": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.CountsMissed},
			func(spec scenarios.Workload, seed int64) (kind, error) { return newPubsub(spec, seed), nil },
		},
		"lock": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Waits, scenarios.JudgesLocks, scenarios.FewKeys},
			func(spec scenarios.Workload, seed int64) (kind, error) { return newLock(spec, seed), nil },
		},
		"linearizable": {
			scenarios.WorkloadKind{scenarios.Spreads, scenarios.Waits, scenarios.ChecksLinearizability, scenarios.FewKeys},
			func(spec scenarios.Workload, seed int64) (kind, error) { return newLinearizable(spec, seed), nil },
		},
	}
}

// kind is what a type of workload does, and how it judges what came of it.
type kind interface {
	// drive is the life of one client: it ends with the session or with ctx,
	// and what it sends ends with sending.
	drive(ctx, sending context.Context, w *Workload, s *session, c *client)
	// verify judges the workload, once the cluster has settled, and appends
	// what it finds. The only error is that of a cancelled ctx.
	verify(ctx context.Context, w *Workload) error
}

// Workload is one stream of writes, what became of them, and their judge.
type Workload struct {
	spec    scenarios.Workload
	kind    kind
	keys    []string
	shardOf []int // by index of key
	target  Target
	rec     *record.Record

	clients []client
	shared  []ledger // of the senders of lanes, if clients share some
	acks    *ackBook
	// occupation is nil where a command may go to any shard.
	occupation *occupation
	// artifacts may be nil.
	artifacts Artifacts
	latency   atomic.Pointer[hdrhistogram.Histogram]
}

// New plans a workload. Its keys are "<runID>:<name>:<n>", so that no two runs
// and no two workloads share one; those of a hot slot have "<runID>:<name>" in
// braces. The seed decides which key each write goes to, of types whose keys
// belong to nobody. Nothing is sent before [Workload.Run].
func New(spec scenarios.Workload, runID string, seed int64, target Target, rec *record.Record) (*Workload, error) {
	if spec.Clients < 1 || spec.Keys < 1 {
		return nil, fmt.Errorf("workload %s: it needs at least one client and one key, not %d and %d",
			spec.Name, spec.Clients, spec.Keys)
	}
	target = routed(spec, target)
	w := &Workload{
		spec:    spec,
		keys:    make([]string, spec.Keys),
		shardOf: make([]int, spec.Keys),
		target:  target,
		rec:     rec,
		clients: make([]client, spec.Clients),
		acks:    newAckBook(rec, spec.Name, target.Shards()),

		occupation: newOccupation(rec, spec.Name, spec.Clients),
	}
	for i := range w.clients {
		w.clients[i].id = i
	}
	if spec.Type == scenarios.TypeMixed {
		return w, planMixed(w, runID, seed)
	}
	plan, known := plans()[spec.Type]
	if !known {
		return nil, fmt.Errorf("workload %s: there is no workload of type %q", spec.Name, spec.Type)
	}
	var err error
	if w.kind, err = plan.kind(spec, seed); err != nil {
		return nil, fmt.Errorf("workload %s: %w", spec.Name, err)
	}
	if p, ok := w.kind.(*pubsub); ok && !p.options.Sharded {
		w.occupation = nil
	}
	for i := range w.keys {
		w.keys[i] = keyspace.KeyName(runID, spec, i)
		slot := slots.Of(w.keys[i])
		shard := target.ShardOf(slot)
		if shard < 0 || shard >= target.Shards() {
			return nil, fmt.Errorf("workload %s: slot %d of key %s is in no shard", spec.Name, slot, w.keys[i])
		}
		w.shardOf[i] = shard
	}
	if spec.Client.Autopipeline {
		w.shared = make([]ledger, target.Shards()*laneSenders)
	}
	return w, nil
}

// Name is the workload's name in the scenario.
func (w *Workload) Name() string { return w.spec.Name }

// Progress counts the writes that have ended so far. It may be called at any
// time from any goroutine.
func (w *Workload) Progress() (attempted, acked, failed, indeterminate int64) {
	for l := range w.ledgers() {
		acked += l.acked.Load()
		failed += l.failed.Load()
		indeterminate += l.indeterminate.Load()
	}
	return acked + failed + indeterminate, acked, failed, indeterminate
}

// Histogram is the latency of acked writes in microseconds, from 1 µs to 10
// min with 3 significant digits, once Run has ended; nil before, or if no
// write was acked.
func (w *Workload) Histogram() *hdrhistogram.Histogram { return w.latency.Load() }

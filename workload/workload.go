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
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Target is the cluster, as far as a workload has to know it.
type Target = drive.Target

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
	drive.Driver
	// verify judges the workload, once the cluster has settled, and appends
	// what it finds. The only error is that of a cancelled ctx.
	verify(ctx context.Context, w *Workload) error
}

// Workload is one stream of writes, what became of them, and their judge.
type Workload struct {
	*drive.Load
	kind kind
	// artifacts may be nil.
	artifacts Artifacts
}

// New plans a workload. Its keys are "<runID>:<name>:<n>", so that no two runs
// and no two workloads share one; those of a hot slot have "<runID>:<name>" in
// braces. The seed decides which key each write goes to, of types whose keys
// belong to nobody. Nothing is sent before [Workload.Run].
func New(spec scenarios.Workload, runID string, seed int64, target drive.Target, rec *record.Record) (*Workload, error) {
	if spec.Clients < 1 || spec.Keys < 1 {
		return nil, fmt.Errorf("workload %s: it needs at least one client and one key, not %d and %d",
			spec.Name, spec.Clients, spec.Keys)
	}
	target = routed(spec, target)
	w := &Workload{Load: drive.NewLoad(spec, target, rec, libraries()["go-redis"])}
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
		w.GoesAnywhere()
	}
	for i := range w.Keys {
		w.Keys[i] = keyspace.KeyName(runID, spec, i)
		slot := slots.Of(w.Keys[i])
		shard := target.ShardOf(slot)
		if shard < 0 || shard >= target.Shards() {
			return nil, fmt.Errorf("workload %s: slot %d of key %s is in no shard", spec.Name, slot, w.Keys[i])
		}
		w.ShardOf[i] = shard
	}
	w.NoLoss = !plan.judges.Can(scenarios.CountsLoss)
	return w, nil
}

// Run writes for a duration, counted from the moment at which the cluster has
// been reached, or until ctx is cancelled: see [Load.run]. A workload runs once.
func (w *Workload) Run(ctx context.Context, until time.Duration) error {
	return w.Load.Run(ctx, until, w.kind)
}

// Verify judges what became of what the workload did, and appends what it finds:
// record.Verified, after every key was read back from its master. It
// is to be called after Run, once the cluster has settled. A key that cannot
// be read is no error: its acked writes are counted as unverified. The only
// error is that of a cancelled ctx, and nothing is appended then.
func (w *Workload) Verify(ctx context.Context) error { return w.kind.verify(ctx, w) }

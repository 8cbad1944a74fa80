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
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Target is the cluster, as far as a workload has to know it.
type Target = drive.Target

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
	kind  kind
	runID string
	// artifacts may be nil.
	artifacts Artifacts
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
	if kind, known := Kinds()[spec.Type]; known && spec.Spec == nil {
		spec.Spec = kind()
	}
	of, known := spec.Spec.(settings)
	if !known {
		return nil, fmt.Errorf("workload %s: there is no workload of type %q", spec.Name, spec.Type)
	}
	library := cmp.Or(spec.Client.Library, scenarios.DefaultLibrary)
	through, known := libraries()[library]
	if !known {
		return nil, fmt.Errorf("workload %s: there is no client library %q", spec.Name, library)
	}
	w := &Workload{Load: drive.NewLoad(spec, routed(spec, target), rec, through), runID: runID}
	w.NoLoss = !spec.Can(trait.CountsLoss)
	if _, any := w.Target.(anywhere); any {
		w.GoesAnywhere()
	}
	var err error
	if w.kind, err = of.plan(w, seed); err != nil {
		return nil, fmt.Errorf("workload %s: %w", spec.Name, err)
	}
	if w.HasParts() {
		return w, nil // which have the keys
	}
	for i := range w.Keys {
		w.Keys[i] = keyspace.KeyName(runID, spec, i)
		slot := slots.Of(w.Keys[i])
		shard := w.Target.ShardOf(slot)
		if shard < 0 || shard >= w.Target.Shards() {
			return nil, fmt.Errorf("workload %s: slot %d of key %s is in no shard", spec.Name, slot, w.Keys[i])
		}
		w.ShardOf[i] = shard
	}
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

// Artifacts is where a workload may leave files beside its verdict.
type Artifacts interface {
	// Create makes a file of that name among the artifacts of the run.
	Create(name string) (io.WriteCloser, error)
}

// LeaveFilesIn has Verify leave files, if it has any to leave.
func (w *Workload) LeaveFilesIn(a Artifacts) { w.artifacts = a }

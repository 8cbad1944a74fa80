package workload

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// files is artifacts in memory.
type files map[string]*bytes.Buffer

func (f files) Create(name string) (io.WriteCloser, error) {
	f[name] = &bytes.Buffer{}
	return openFile{f[name]}, nil
}

type openFile struct{ *bytes.Buffer }

func (openFile) Close() error { return nil }

func linearizableSpec() scenarios.Workload {
	return scenarios.Workload{
		Name: "w", Type: "linearizable", Clients: 8, Keys: 4, Client: brisk(), ValueSize: units.FixedSize(16),
		Spec: &linearizableSettings{checking{OpsPerKey: 100, CheckTimeout: units.Duration(30 * time.Second)}},
	}
}

// A cluster to which nothing happens is linearizable.
func TestHealthyIsLinearizable(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	w, rec := cluster.runUntil(t, linearizableSpec(), 3000)
	kept := files{}
	w.LeaveFilesIn(kept)
	must(t, w.Verify(t.Context()))
	done, got := only[*record.WorkloadDone](t, rec), only[*record.Linearizability](t, rec)
	checkSum(t, done)
	if got.Verdict != record.LinearizabilityOK || got.Operations != done.Attempted || got.Reads+got.Writes+got.CAS != done.Acked ||
		got.Violated+got.Unknown != 0 || got.Violation != nil || len(kept) != 1 {
		t.Errorf("%d operations: %s", done.Attempted, describe(got))
	}
	if got.Generations < done.Attempted/120 || got.Reads == 0 || got.Writes == 0 || got.CAS == 0 || !done.NoLoss {
		t.Errorf("%s of %s", describe(got), describe(done))
	}
	succeeded := 0
	for i := range w.kind.(*linearizable).keys {
		for _, g := range w.kind.(*linearizable).keys[i].Generations {
			for _, o := range g.Ops {
				if o.Kind == history.CAS && o.Found == o.Wants {
					succeeded++
				}
			}
		}
	}
	if succeeded < int(got.CAS)/20 {
		t.Errorf("%d of %d compare and sets succeeded", succeeded, got.CAS)
	}
	t.Log(describe(got), succeeded)
}

// TestTamperedIsViolated sets a key back behind the clients' backs, as a failover
// does that loses writes.
func TestTamperedIsViolated(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := linearizableSpec()
	spec.Spec.(*linearizableSettings).Linearizable.OpsPerKey = 10_000
	spec.Rate = scenarios.ConstantRate(500)
	rec := cluster.fresh(t)
	w, err := New(spec, "run", 1, cluster, rec)
	must(t, err)
	kept := files{}
	w.LeaveFilesIn(kept)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- w.Run(ctx, time.Hour) }()
	key := history.GenerationKey(w.Keys[2], 0)
	rdb := cluster.clusterClient(t)
	// One time in four, the next operation is a write, which does not notice.
	for i := range int64(20) {
		eventually(t, "operations are answered", func() bool { _, n, _, _ := w.Progress(); return n > 100+20*i })
		must(t, rdb.Del(t.Context(), key).Err())
	}
	_, before, _, _ := w.Progress()
	eventually(t, "operations are answered", func() bool { _, n, _, _ := w.Progress(); return n > before+20 })
	cancel()
	must(t, <-ended)
	must(t, w.Verify(t.Context()))
	got := only[*record.Linearizability](t, rec)
	v := got.Violation
	if got.Verdict != record.LinearizabilityViolated || got.Violated != 1 || v == nil {
		t.Fatalf("got %s", describe(got))
	}
	if v.Key != key || v.Shard != w.ShardOf[2] || v.Operation == "" || v.Until <= v.From || v.KeyFrom > v.From || v.KeyUntil < v.Until ||
		len(v.Nodes) != 1 || v.Node != v.Nodes[0] || v.Picture != "linearizable-w.html" {
		t.Errorf("got %s", describe(v))
	}
	if picture := kept[v.Picture]; picture == nil || !strings.Contains(picture.String(), "<html") {
		t.Errorf("a picture of %v", picture)
	}
	t.Log(describe(got))
}

// Reads are not waited for, and writes that too few replicas have may have had their
// effect all the same.
func TestLinearizableWaits(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := linearizableSpec()
	spec.Wait = &scenarios.Wait{Replicas: 1, Timeout: *ms(1)}
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "reads are answered, and writes waited for in vain", func() bool { _, n, _, unknown := w.Progress(); return n > 0 && unknown > 0 })
	end()
	must(t, w.Verify(t.Context()))
	done, got := only[*record.WorkloadDone](t, rec), only[*record.Linearizability](t, rec)
	checkSum(t, done)
	if got.Verdict != record.LinearizabilityOK || got.Reads != done.Acked || got.Unanswered != done.Indeterminate || got.Reads == 0 || got.Unanswered == 0 {
		t.Errorf("%s of %s", describe(got), describe(done))
	}
}

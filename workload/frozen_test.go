package workload

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// A master is frozen, and soon every client waits for it, whatever it does. While all
// do, no other shard acks anything.
func TestClientsThatAllWaitForOneShard(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	client := scenarios.ClientOptions{ReadTimeout: ms(2000), MaxRedirects: ptr(0)}
	specs := []scenarios.Workload{
		{Name: "closed", Type: "set"},
		{Name: "open", Type: "set", Rate: scenarios.ConstantRate(500)},
		{Name: "pipeline", Type: "set", Pipeline: 8},
		{Name: "autopipeline", Type: "set", Client: scenarios.ClientOptions{Autopipeline: true}},
		{Name: "both", Type: "set", Pipeline: 8, Client: scenarios.ClientOptions{Autopipeline: true}},
		{Name: "reads", Type: "register", Spec: &registerSettings{reads: reads{Ratio: 0.9}}},
		{Name: "mixed", Type: "mixed", Spec: &mixedSettings{Mix: map[string]int{"set": 1, "counter": 1}}},
		{Name: "locks", Type: "lock"},
		{Name: "linearizable", Type: "linearizable"},
		{Name: "sharded", Type: "pubsub", Spec: &pubsubSettings{subscriptions{Sharded: true}}},
		{Name: "anywhere", Type: "pubsub", Spec: &pubsubSettings{}},
	}
	rec := cluster.fresh(t)
	ends := rec.Now() + 4000
	var running sync.WaitGroup
	for _, spec := range specs {
		spec.Clients, spec.Keys, spec.ValueSize = 2, 60, units.FixedSize(16)
		auto := spec.Client.Autopipeline
		spec.Client = client
		spec.Client.Autopipeline = auto
		w, err := New(spec, "run", 1, cluster, rec)
		must(t, err)
		running.Go(func() {
			if err := w.Run(t.Context(), (ends - rec.Now()).D()); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
	time.Sleep(2500 * time.Millisecond)
	must(t, cluster.procs[1].Signal(syscall.SIGCONT))
	running.Wait()

	found := map[string]int{}
	for _, e := range rec.Events() {
		span, ok := e.Data.(*record.Occupied)
		if !ok {
			continue
		}
		if span.Shard == 1 { // a busy machine may hold up another, too
			found[span.Workload]++
		}
		if span.Until <= e.At {
			t.Errorf("from %v: %+v", e.At, span)
		}
		if span.Workload == "pipeline" || span.Workload == "both" {
			continue // their acks are entered when the last of a pipeline is there
		}
		for _, e2 := range rec.Events() {
			row, ok := e2.Data.(*record.Acks)
			const rounding = 0.002 // ms
			if ok && row.Workload == span.Workload && row.Shard != span.Shard && e2.At < span.Until && row.Until > e.At+rounding {
				t.Errorf("%+v from %v, and %+v from %v", span, e.At, row, e2.At)
			}
		}
	}
	for _, spec := range specs {
		if (found[spec.Name] == 0) != (spec.Name == "anywhere") {
			t.Errorf("%s: %d spans", spec.Name, found[spec.Name])
		}
	}
}

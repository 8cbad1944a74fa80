package workload

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// pipelined is a spec's load in every way in which writes can travel together.
func pipelined(spec scenarios.Workload) map[string]scenarios.Workload {
	own, shared, both, library := spec, spec, spec, spec
	own.Pipeline, both.Pipeline = 5, 5
	shared.Client.Autopipeline, both.Client.Autopipeline = true, true
	library.Client.LibraryAutopipeline = true
	return map[string]scenarios.Workload{"pipeline": own, "autopipeline": shared, "both": both, "library": library}
}

// TestPipelines has every type write in pipelines, in a closed loop and in an open
// one, and finds all of it again.
func TestPipelines(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for typ, kind := range Kinds() {
		if !slices.Contains(kind().Traits(), trait.Pipelines) {
			continue
		}
		for way, spec := range pipelined(scenarios.Workload{Name: "w", Type: typ, Clients: 8, Keys: 50, ValueSize: units.FixedSize(48)}) {
			for _, rate := range []float64{0, 2000} {
				run := func() (*Workload, *record.Record) { return cluster.runUntil(t, spec, 300) }
				if rate > 0 {
					spec.Rate = scenarios.ConstantRate(rate)
					run = func() (*Workload, *record.Record) { return cluster.run(t, spec, 300*time.Millisecond) }
				}
				w, rec := run()
				must(t, w.Verify(t.Context()))
				done, got := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
				checkSum(t, done)
				if done.Acked == 0 || done.Acked != done.Attempted || got.Checked != done.Acked || got.Lost+got.Foreign+got.UnackedApplied != 0 {
					t.Errorf("%s, %s, %v/s: %s, %s", typ, way, rate, describe(done), describe(got))
				}
				if got.Duplicated != nil && *got.Duplicated != 0 || got.OutOfOrder != nil && *got.OutOfOrder != 0 {
					t.Errorf("%s, %s, %v/s: %s", typ, way, rate, describe(got))
				}
				if rate > 0 && (done.Attempted+done.Unsent != 600 || done.Lateness == nil) || rate == 0 && done.Lateness != nil {
					t.Errorf("%s, %s, %v/s: %s", typ, way, rate, describe(done))
				}
				if h := w.Histogram(); h.TotalCount() != done.Acked {
					t.Errorf("%s, %s: %d latencies of %d acked writes", typ, way, h.TotalCount(), done.Acked)
				}
				var rows int64
				for _, row := range events[*record.Acks](rec) {
					rows += row.Count
				}
				if rows != done.Acked {
					t.Errorf("%s, %s: the rows have %d acks of %d", typ, way, rows, done.Acked)
				}
			}
		}
	}
}

// TestPipelinesOfAPausedMaster stops a master for good: its writes are told from
// those of the others, which go on.
func TestPipelinesOfAPausedMaster(t *testing.T) {
	t.Parallel()
	for way, spec := range pipelined(setSpec()) {
		cluster := newTestCluster(t, 3)
		asked := spec.Client
		spec.Client = impatient()
		spec.Client.ReadTimeout, spec.Client.PoolTimeout = ms(300), ms(300) // a pipeline takes its time on a busy machine
		spec.Client.Autopipeline, spec.Client.LibraryAutopipeline = asked.Autopipeline, asked.LibraryAutopipeline
		w, rec, end := cluster.begin(t, spec)
		eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 500 })
		must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
		eventually(t, "clients have given up", func() bool { _, _, failed, n := w.Progress(); return n > 0 && failed > 20 })
		end()
		must(t, cluster.procs[1].Signal(syscall.SIGCONT))
		cluster.settle(t)
		must(t, w.Verify(t.Context()))
		done, got := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
		checkSum(t, done)
		if done.Indeterminate == 0 || got.Lost+got.FailedApplied+got.Foreign+got.Unverified != 0 || got.Checked != done.Acked {
			t.Errorf("%s: %s, %s", way, describe(done), describe(got))
		}
	}
}

package workload

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// TestErrorsOfTwoPauses stops a master twice: what either made fail is told apart on its
// shard, and in one for the workload.
func TestErrorsOfTwoPauses(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := setSpec()
	spec.Client = impatient()
	w, rec, end := cluster.begin(t, spec)
	errs := func() int64 { _, _, failed, indeterminate := w.Progress(); return failed + indeterminate }
	pause := func() (began record.Millis) {
		before, began := errs(), rec.Now()
		must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
		eventually(t, "writes fail", func() bool { return errs() > before })
		must(t, cluster.procs[1].Signal(syscall.SIGCONT))
		eventually(t, "no write fails any more", func() bool {
			now := errs()
			time.Sleep(3 * 1000 / 2 * time.Millisecond)
			return errs() == now
		})
		return began
	}
	eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 1000 })
	pause()
	second := pause()
	end()

	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	var before, after int
	for _, e := range done.Shards[1].Errors {
		switch {
		case e.Last < second:
			before++
		case e.First > second:
			after++
		default:
			t.Errorf("from before the second pause, at %g ms, until after it: %+v", second, e)
		}
	}
	if before == 0 || after == 0 {
		t.Errorf("%d rows before the second pause, %d after it: %s", before, after, describe(done.Shards[1]))
	}
	for i, e := range done.Errors {
		if slices.ContainsFunc(done.Errors[:i], func(o record.ErrorCount) bool { return o.Kind == e.Kind && o.Outcome == e.Outcome }) {
			t.Errorf("twice for the workload: %s", describe(done.Errors))
		}
	}
}

package workload

import (
	"context"
	"io"
	"math"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

func newRecord() *record.Record { return record.New(record.NewClock(), io.Discard) }

func TestNewRefuses(t *testing.T) {
	s := newFakeServer(t, ":1")
	for want, spec := range map[string]scenarios.Workload{
		"at least one client": {Type: "set", Keys: 1},
		"at least one":        {Type: "set", Clients: 1},
		"too few":             {Type: "register", Clients: 3, Keys: 2},
		"no workload of type": {Type: "heap", Clients: 1, Keys: 1},
		"mix of nothing":      {Type: "mixed", Clients: 1, Keys: 1},
		"part of a mix":       {Type: "mixed", Spec: &mixedSettings{Mix: map[string]int{"pubsub": 1}}, Clients: 1, Keys: 1},
	} {
		if _, err := New(spec, "run", 1, s, newRecord()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v", spec, err)
		}
	}
	for name := range Kinds() {
		if _, err := New(scenarios.Workload{Type: name, Spec: settingsOf(name), Clients: 1, Keys: 1}, "run", 1, s, newRecord()); err != nil {
			t.Error(err)
		}
	}
}

func TestRunUnreachable(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, ":1")
	_ = s.listener.Close()
	w, err := New(scenarios.Workload{Type: "set", Clients: 1, Keys: 1, Client: impatient()}, "run", 1, s, newRecord())
	must(t, err)
	if err := w.Run(t.Context(), time.Second); err == nil {
		t.Error("a cluster that is not there was written to")
	}
	if n, _, _, _ := w.Progress(); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// TestOpenLoop has every write that was due either sent or counted as unsent,
// and the rows of acks add up.
func TestOpenLoop(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for typ := range Kinds() {
		spec := setSpec()
		spec.Type, spec.Spec, spec.Rate = typ, settingsOf(typ), scenarios.ConstantRate(700)
		w, rec := cluster.run(t, spec, time.Second)
		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		if done.Attempted+done.Unsent != 700 || done.Acked != done.Attempted || done.TargetRate != 700 || done.Kind != typ {
			t.Errorf("got %s", describe(done))
		}
		if h := w.Histogram(); h == nil || h.TotalCount() != done.Acked {
			t.Errorf("a histogram of %v", h)
		}
		var inIntervals, due int64
		for _, interval := range events[*record.LatencyInterval](rec) {
			inIntervals += interval.Count
			due += interval.Due
		}
		if inIntervals != done.Acked || due != 700 {
			t.Errorf("%d acks and %d arrivals in the intervals of latencies", inIntervals, due)
		}
		var rows int64
		for _, row := range events[*record.Acks](rec) {
			rows += row.Count
			if anyNode := typ == "pubsub"; row.Node != "node-"+strconv.Itoa(row.Shard) && !anyNode || row.Workload != spec.Name {
				t.Errorf("got %+v", row)
			}
		}
		if rows != done.Acked {
			t.Errorf("%d acks in rows, want %d", rows, done.Acked)
		}
	}
}

// TestLatenessCounts has the first write hold up those after it.
func TestLatenessCounts(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, slow, ":1")
	rec := newRecord()
	w, err := New(scenarios.Workload{Name: "w", Type: "set", Clients: 1, Rate: scenarios.ConstantRate(100), Keys: 1}, "run", 1, s, rec)
	must(t, err)
	must(t, w.Run(t.Context(), 3*time.Second))
	done := only[*record.WorkloadDone](t, rec)
	if done.Attempted+done.Unsent != 300 {
		t.Errorf("got %s", describe(done))
	}
	// Of the writes that were due while the first was under way, those of the
	// first 100 ms waited for at least 200. Slower machines count more.
	late := 0
	for _, bar := range w.Histogram().Distribution() {
		if bar.To >= (slowReply-100*time.Millisecond).Microseconds()-1000 {
			late += int(bar.Count)
		}
	}
	if late < 10 {
		t.Errorf("%d of %d writes were late", late, done.Acked)
	}
}

// TestStallIsOfACall has writes that wait for a client: a call begins when the
// client is free, however late its write is by then.
func TestStallIsOfACall(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, slow, slow, slow, ":1")
	rec := newRecord()
	w, err := New(scenarios.Workload{Name: "w", Type: "set", Clients: 1, Rate: scenarios.ConstantRate(100), Keys: 1}, "run", 1, s, rec)
	must(t, err)
	must(t, w.Run(t.Context(), 3*time.Second))
	stall := only[*record.WorkloadDone](t, rec).Shards[0].Stall
	if stall.Until-stall.From < record.Millis(slowReply.Milliseconds()) || stall.Outcome != "acked" {
		t.Errorf("the longest call: %+v", stall)
	}
	for n := range w.Clients[0].Writes.Len() {
		if _, ended := w.Clients[0].Writes.At(n); record.Millis(ended) > stall.From && float64(ended) < math.Floor(float64(stall.Until)) {
			t.Errorf("write %d of the one client ended at %d ms, within a call of another one, %+v", n, ended, stall)
		}
	}
}

// TestCancel ends a workload long before its time.
func TestCancel(t *testing.T) {
	for _, rate := range []float64{0, 50} {
		s := newFakeServer(t, ":1")
		rec := newRecord()
		w, err := New(scenarios.Workload{Name: "w", Type: "set", Clients: 4, Rate: scenarios.ConstantRate(rate), Keys: 10}, "run", 1, s, rec)
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx, time.Hour) }()
		eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 2 })
		cancel()
		must(t, <-ended)
		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		if done.Acked != done.Attempted {
			t.Errorf("writes in flight were cut off: %s", describe(done))
		}
	}
}

// TestDrain ends a workload whose writes would never end by themselves.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, ":1", hang)
	rec := newRecord()
	w, err := New(scenarios.Workload{
		Name: "w", Type: "set", Clients: 3, Keys: 10,
		Client: scenarios.ClientOptions{ReadTimeout: ms(0)},
	}, "run", 1, s, rec)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- w.Run(ctx, time.Hour) }()
	eventually(t, "all wait for answers", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.asked == 4
	})
	cancel()
	must(t, <-ended)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Acked != 1 || done.Indeterminate != 3 || done.Failed != 0 {
		t.Errorf("got %s", describe(done))
	}
	// They were called before the end, and cut off when drainTime was over.
	stall := done.Shards[0].Stall
	if stall.Until-stall.From < record.Millis(drive.DrainTime.Milliseconds()) || stall.Outcome != "indeterminate" {
		t.Errorf("the longest call: %+v", stall)
	}
}

// Nor would those that travel in the library's own pipelines, which its client waits for
// when it is closed.
func TestDrainOfLibraryPipelines(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, hang)
	rec := newRecord()
	w, err := New(scenarios.Workload{
		Name: "w", Type: "set", Clients: 3, Keys: 10,
		Client: scenarios.ClientOptions{ReadTimeout: ms(0), LibraryAutopipeline: true},
	}, "run", 1, s, rec)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- w.Run(ctx, time.Hour) }()
	eventually(t, "one waits for an answer", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.asked > 0
	})
	cancel()
	must(t, <-ended)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Acked != 0 || done.Indeterminate == 0 || done.Attempted != 3 {
		t.Errorf("got %s", describe(done))
	}
}

// TestDeadMaster takes a master away for good in the middle of a run: its
// writes cannot be verified, and those of the others are all there.
func TestDeadMaster(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for _, node := range cluster.direct {
		must(t, node.ConfigSet(t.Context(), "cluster-require-full-coverage", "no").Err())
	}
	spec := setSpec()
	spec.Client = impatient()
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 1000 })
	// The connection breaks before there is an answer.
	_ = cluster.direct[1].Do(t.Context(), "shutdown", "nosave").Err()
	_, _, before, _ := w.Progress()
	eventually(t, "writes fail", func() bool { _, _, n, _ := w.Progress(); return n > before+100 })
	end()
	must(t, w.Verify(t.Context()))

	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	on := w.ackedOn(3)
	got := only[*record.Verified](t, rec)
	if got.Lost != 0 || got.Foreign != 0 || got.Unverified != int64(len(on[1])) ||
		got.Checked != int64(len(on[0])+len(on[2])) || got.Error == "" {
		t.Errorf("acked %d, %d and %d; got %s", len(on[0]), len(on[1]), len(on[2]), describe(got))
	}
	if done.Failed == 0 || got.UnackedApplied > done.Indeterminate {
		t.Errorf("got %s", describe(done))
	}
	for shard, met := range done.Shards {
		if met.Shard != shard || met.Acked != int64(len(on[shard])) || shard == 1 && len(met.Errors) == 0 {
			t.Errorf("on shard %d, with %d acks: %s", shard, len(on[shard]), describe(met))
		}
	}
}

// TestRetryInDoubt has an attempt that nobody answered, and a retry that is acked.
func TestRetryInDoubt(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, hang, "+OK")
	rec := newRecord()
	w, err := New(scenarios.Workload{
		Name: "w", Type: "register", Clients: 1, Keys: 1, Rate: scenarios.ConstantRate(10), Client: brisk(),
	}, "run", 1, s, rec)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- w.Run(ctx, time.Hour) }()
	eventually(t, "writes have ended", func() bool { n, _, _, _ := w.Progress(); return n >= 3 })
	cancel()
	must(t, <-ended)
	if o, _ := w.Clients[0].Writes.At(0); o != history.AckedInDoubt {
		t.Errorf("the first write is %v", o)
	}
	if _, acked, _, _ := w.Progress(); acked != int64(w.Clients[0].Writes.Len()) {
		t.Errorf("%d writes acked of %d", acked, w.Clients[0].Writes.Len())
	}
}

// TestPausedMaster stops a master until clients have given up on writes that
// it had been sent, and lets it go on: it then applies them.
func TestPausedMaster(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for _, spec := range []scenarios.Workload{setSpec(), registerSpec()} {
		spec.Client = impatient()
		w, rec, end := cluster.begin(t, spec)
		eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 1000 })
		must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
		eventually(t, "clients have given up", func() bool { _, _, failed, n := w.Progress(); return n > 0 && failed > 0 })
		_, before, _, _ := w.Progress()
		must(t, cluster.procs[1].Signal(syscall.SIGCONT))
		eventually(t, "writes are acked again", func() bool { _, n, _, _ := w.Progress(); return n > before+1000 })
		end()
		cluster.settle(t)
		must(t, w.Verify(t.Context()))

		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		got := only[*record.Verified](t, rec)
		if got.Lost != 0 || got.FailedApplied != 0 || got.Foreign != 0 {
			t.Errorf("%s: nothing was lost: %s", spec.Type, describe(got))
		}
		stall := done.Shards[1].Stall
		if longest := stall.Until - stall.From; longest < record.Millis(spec.Client.ReadTimeout.D().Milliseconds()) || len(done.Shards[1].Errors) == 0 {
			t.Errorf("%s: clients waited for answers in vain, and met %s, %+v", spec.Type, describe(done.Shards[1]), stall)
		}
		if spec.Type == "set" && (got.UnackedApplied == 0 || got.Unverified != 0) {
			t.Errorf("of %d indeterminate writes: %s", done.Indeterminate, describe(got))
		}
	}
}

package workload

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
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
		Name: "w", Type: "linearizable", Clients: 8, Keys: 4, Client: brisk(), ValueSize: scenarios.FixedSize(16),
		Linearizable: &scenarios.Linearizable{OpsPerKey: 100, CheckTimeout: scenarios.Duration(30 * time.Second)},
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
		got.Violated+got.Unknown != 0 || got.Violation != nil || len(kept) != 0 {
		t.Errorf("%d operations: %s", done.Attempted, describe(got))
	}
	if got.Generations < done.Attempted/120 || got.Reads == 0 || got.Writes == 0 || got.CAS == 0 || !done.NoLoss {
		t.Errorf("%s of %s", describe(got), describe(done))
	}
	succeeded := 0
	for i := range w.kind.(*linearizable).keys {
		for _, g := range w.kind.(*linearizable).keys[i].generations {
			for _, o := range g.ops {
				if o.kind == opCAS && o.found == o.wants {
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
	spec.Linearizable.OpsPerKey = 10_000
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
	key := generationKey(w.keys[2], 0)
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
	if v.Key != key || v.Shard != w.shardOf[2] || v.Operation == "" || v.UntilMS <= v.FromMS || v.KeyFromMS > v.FromMS || v.KeyUntilMS < v.UntilMS ||
		len(v.Nodes) != 1 || v.Node != v.Nodes[0] || v.Picture != "linearizable-w.html" {
		t.Errorf("got %s", describe(v))
	}
	if picture := kept[v.Picture]; picture == nil || !strings.Contains(picture.String(), "<html") {
		t.Errorf("a picture of %v", picture)
	}
	t.Log(describe(got))
}

// What cannot be checked is unknown, with the reason; but what is violated is.
func TestUnknownIsSaid(t *testing.T) {
	// history is of one client that writes and then reads something on each key.
	history := func(room int64, read valueID, keys ...int) *linearizable {
		l := newLinearizable(linearizableSpec(), 1)
		l.book.room = room
		for _, key := range keys {
			g := l.keys[key].join(key)
			l.book.enter(g, op{kind: opWrite, sets: idOf(0, 1), callNS: 1, overNS: 2, answered: true})
			l.book.enter(g, op{kind: opRead, found: read, callNS: 3, overNS: 4, answered: true})
		}
		return l
	}
	later := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		history  *linearizable
		deadline time.Time
		want     record.Linearizability
	}{
		"well": {history(4, idOf(0, 1), 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityOK, Generations: 2, Operations: 4, Reads: 2, Writes: 2}},
		"nothing done": {history(4, 0), later,
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Reason: "no operation was answered that tells what a key held"}},
		"no room": {history(3, idOf(0, 1), 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Generations: 2, Operations: 3, Reads: 1, Writes: 2, Unknown: 1,
				Reason: "there were more than 3 operations, and no more are kept: 1 of 2 keys were not checked"}},
		"no time": {history(4, idOf(0, 1), 0, 1), time.Now(),
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Generations: 2, Operations: 4, Reads: 2, Writes: 2, Unknown: 2,
				Reason: "2 of 2 keys could not be decided within 30s (check_timeout)"}},
		"violated all the same": {history(3, 0, 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityViolated, Generations: 2, Operations: 3, Reads: 1, Writes: 2, Violated: 1, Unknown: 1}},
	} {
		checked, err := test.history.history().check(t.Context(), test.deadline)
		must(t, err)
		if got := checked.verdict(); describe(got) != describe(test.want) {
			t.Errorf("%s: got %s, want %s", name, describe(got), describe(test.want))
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := history(2, 0, 0).history().check(cancelled, later); err == nil {
		t.Error("a check went on after it was cancelled")
	}
}

// A key is replaced by a fresh one in the same slot when it was answered on often
// enough, whatever else was tried on it.
func TestGenerations(t *testing.T) {
	for _, base := range []string{"run:w:7", "{run:w}:7"} {
		if first, other := generationKey(base, 0), generationKey(base, 12); first == other || slots.Of(first) != slots.Of(base) || slots.Of(other) != slots.Of(base) {
			t.Errorf("%s: %s and %s", base, first, other)
		}
	}
	var k opKey
	first := k.join(3)
	for range 9 {
		k.answer(first, 10)
	}
	if k.join(3) != first || first.key != 3 || first.number != 0 {
		t.Errorf("a generation ended after 9 of 10 answers")
	}
	k.answer(first, 10)
	second := k.join(3)
	k.answer(first, 10) // it was called before the end of the first
	if second == first || second.number != 1 || k.answered != 0 || k.join(3) != second {
		t.Errorf("after 11 answers of 10: %d answers in %d", k.answered, second.number)
	}
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

package workload

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Errors of one kind that lie a second apart are told apart, whichever clients met them.
func TestErrorRows(t *testing.T) {
	type met struct {
		client int
		err    error
		ms     float64
	}
	for name, test := range map[string]struct {
		met  []met
		want []string
	}{
		"close together":  {[]met{{0, io.EOF, 10}, {0, io.EOF, 1009}, {0, io.EOF, 2008}}, []string{"3 eof 10–2008"}},
		"a second apart":  {[]met{{0, io.EOF, 10}, {0, io.EOF, 1010}, {0, io.EOF, 1020}}, []string{"1 eof 10–10", "2 eof 1010–1020"}},
		"another between": {[]met{{0, io.EOF, 10}, {1, io.EOF, 800}, {0, io.EOF, 1500}}, []string{"3 eof 10–1500"}},
		"two clients":     {[]met{{1, io.EOF, 3000}, {0, io.EOF, 10}, {1, io.EOF, 3010}}, []string{"1 eof 10–10", "2 eof 3000–3010"}},
		"a later client":  {[]met{{0, io.EOF, 10}, {0, io.EOF, 9000}, {1, io.EOF, 20}, {1, io.EOF, 9001}}, []string{"2 eof 10–20", "2 eof 9000–9001"}},
		"out of order":    {[]met{{0, io.EOF, 30}, {0, io.EOF, 10}, {0, io.EOF, 20}}, []string{"3 eof 10–30"}},
		"two kinds":       {[]met{{0, io.EOF, 10}, {0, syscall.ECONNRESET, 500}, {0, io.EOF, 1100}}, []string{"1 eof 10–10", "1 reset 500–500", "1 eof 1100–1100"}},
	} {
		var clients [2]errorRows
		for _, m := range test.met {
			clients[m.client].add(history.Indeterminate, m.err, m.ms)
		}
		var sum errorRows
		sum.merge(clients[0])
		sum.merge(clients[1])
		var got []string
		for _, e := range sum.list() {
			got = append(got, fmt.Sprintf("%d %s %g–%g", e.Count, e.Kind, e.FirstMS, e.LastMS))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// However long errors come and go, their rows are bounded, and none is left out.
func TestErrorRowsAreBounded(t *testing.T) {
	var sum errorRows
	for client := range 3 {
		var rows errorRows
		for i := range 200 {
			rows.add(history.Indeterminate, errors.New("i/o"), float64(10_000*i+3000*client))
		}
		for _, of := range rows {
			if len(of) != maxErrorRows {
				t.Errorf("%d rows of a client", len(of))
			}
		}
		sum.merge(rows)
	}
	list := sum.list()
	if len(list) != maxErrorRows {
		t.Fatalf("%d rows", len(list))
	}
	var count int64
	for i, e := range list {
		count += e.Count
		if i > 0 && e.FirstMS-list[i-1].LastMS < errorGapMS {
			t.Errorf("%+v right after %+v", e, list[i-1])
		}
	}
	if last := list[len(list)-1].LastMS; count != 600 || last != 10_000*199+6000 {
		t.Errorf("%d errors until %g ms", count, last)
	}
}

// TestErrorsOfTwoPauses stops a master twice: what either made fail is told apart on its
// shard, and in one for the workload.
func TestErrorsOfTwoPauses(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := setSpec()
	spec.Client = impatient()
	w, rec, end := cluster.begin(t, spec)
	errs := func() int64 { _, _, failed, indeterminate := w.Progress(); return failed + indeterminate }
	pause := func() (began float64) {
		before, began := errs(), rec.Now()
		must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
		eventually(t, "writes fail", func() bool { return errs() > before })
		must(t, cluster.procs[1].Signal(syscall.SIGCONT))
		eventually(t, "no write fails any more", func() bool {
			now := errs()
			time.Sleep(3 * errorGapMS / 2 * time.Millisecond)
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
		case e.LastMS < second:
			before++
		case e.FirstMS > second:
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

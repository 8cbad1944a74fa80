package workload

import (
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/rueidis"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// quick are options of rueidis with which no test takes long.
func quick() scenarios.ClientOptions {
	return scenarios.ClientOptions{Library: "rueidis", DialTimeout: ms(500), ReadTimeout: ms(300), MaxRedirects: ptr(3)}
}

// The library follows redirects, and tries no write again that was not answered. What is
// known of a write goes by every attempt at it.
func TestRueidisOutcomes(t *testing.T) {
	for _, test := range []struct {
		name    string
		replies []string
		want    history.Outcome
		kind    string
	}{
		{"ok", []string{":1"}, history.Acked, ""},
		{"moved for ever", []string{"-MOVED 0 $addr"}, history.Failed, "moved"},
		{"moved, then ok", []string{"-MOVED 0 $addr", ":1"}, history.Acked, ""},
		{"ask, then ok", []string{"-ASK 0 $addr", ":1"}, history.Acked, ""},
		{"ask, then silence", []string{"-ASK 0 $addr", hang}, history.Indeterminate, "timeout"},
		{"moved, then refused", []string{"-MOVED 0 $addr", "-CLUSTERDOWN The cluster is down"}, history.Failed, "clusterdown"},
		{"refused", []string{"-OOM no"}, history.Failed, "oom"},
		{"silence", []string{hang}, history.Indeterminate, "timeout"},
		{"silence is not tried again", []string{hang, ":1"}, history.Indeterminate, "timeout"},
		{"closed after reading", []string{hangUp}, history.Indeterminate, "eof"},
		{"closed, and no server", []string{hangUpOn}, history.Indeterminate, "eof"},
		{"garbage", []string{"!?"}, history.Indeterminate, "timeout"},
		{"half an answer", []string{":1\r\n:"}, history.Acked, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := open(t, rueidis.Library{}, newFakeServer(t, test.replies...), quick(), 1)
			must(t, client.Reach(t.Context()))
			got, kind, node := writeBy(t, client, drive.Write{})
			if got != test.want || kind != test.kind || got.IsAcked() && node != "fake" {
				t.Errorf("got %v %q by %q, want %v %q", got, kind, node, test.want, test.kind)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, ":1")
		client := open(t, rueidis.Library{}, s, quick(), 1)
		must(t, client.Reach(t.Context()))
		_ = s.listener.Close()
		s.hangUpAll()
		time.Sleep(50 * time.Millisecond) // until the library has noticed
		if got, kind, _ := writeBy(t, client, drive.Write{}); got == history.Acked || got == history.AckedInDoubt {
			t.Errorf("got %v %q", got, kind)
		}
	})
}

// Every type that writes values writes them through the library, and finds all of them again.
func TestRueidis(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for _, typ := range []string{"set", "hash", "zset", "list", "stream", "counter", "register", "mixed", "lock", "linearizable"} {
		spec := scenarios.Workload{Name: "w", Type: typ, Clients: 8, Keys: 40, ValueSize: units.SizeRange{Least: 20, Most: 2000}, Spec: settingsOf(typ), Client: quick()}
		w, rec := cluster.runUntil(t, spec, 500)
		must(t, w.Verify(t.Context()))
		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		if done.Acked < 500 || done.Failed+done.Indeterminate > 0 {
			t.Errorf("%s: %s", typ, describe(done))
		}
		for _, v := range events[*record.Verified](rec) {
			if v.Checked != done.Acked || v.Lost+v.Foreign+v.Unverified != 0 {
				t.Errorf("%s: %s", typ, describe(v))
			}
		}
		for _, l := range events[*record.Linearizability](rec) {
			if l.Verdict != record.LinearizabilityOK {
				t.Errorf("%s: %s", typ, describe(l))
			}
		}
	}
}

// A master that is frozen answers nothing: what was sent to it is indeterminate, and the rest
// goes on.
func TestRueidisOfAPausedMaster(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := scenarios.Workload{Name: "w", Type: "list", Clients: 12, Keys: 60, ValueSize: units.FixedSize(30), Client: quick()}
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 200 })
	must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
	eventually(t, "clients have given up", func() bool { _, _, _, n := w.Progress(); return n > 0 })
	end()
	must(t, cluster.procs[1].Signal(syscall.SIGCONT))
	cluster.settle(t)
	must(t, w.Verify(t.Context()))
	done, v := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
	checkSum(t, done)
	if done.Indeterminate == 0 || v.Lost+v.Foreign+v.Unverified+v.FailedApplied != 0 || v.Checked != done.Acked {
		t.Errorf("%s, %s", describe(done), describe(v))
	}
}

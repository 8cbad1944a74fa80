package workload

import (
	"context"
	"testing"

	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// TestOutcomes has a server answer, or not answer, the attempts at one write.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name    string
		replies []string
		want    history.Outcome
		kind    string
	}{
		{"ok", []string{":1"}, history.Acked, ""},
		{"already there", []string{":0"}, history.Acked, ""},
		{"moved", []string{"-MOVED 0 $addr"}, history.Failed, "moved"},
		{"moved, then ok", []string{"-MOVED 0 $addr", ":1"}, history.Acked, ""},
		{"ask, then ok", []string{"-ASK 0 $addr", ":1"}, history.Acked, ""},
		{"ask, then silence", []string{"-ASK 0 $addr", hang}, history.Indeterminate, "timeout"},
		{"ask, then refused", []string{"-ASK 0 $addr", "-CLUSTERDOWN The cluster is down"}, history.Failed, "clusterdown"},
		{"clusterdown", []string{"-CLUSTERDOWN Hash slot not served"}, history.Failed, "clusterdown"},
		{"readonly", []string{"-READONLY You can't write against a read only replica."}, history.Failed, "readonly"},
		{"loading", []string{"-LOADING Redis is loading the dataset in memory"}, history.Failed, "loading"},
		{"masterdown", []string{"-MASTERDOWN Link with MASTER is down"}, history.Failed, "masterdown"},
		{"tryagain", []string{"-TRYAGAIN Multiple keys request during rehashing of slot"}, history.Failed, "tryagain"},
		{"noreplicas", []string{"-NOREPLICAS Not enough good replicas to write."}, history.Failed, "noreplicas"},
		{"oom", []string{"-OOM command not allowed when used memory > 'maxmemory'."}, history.Failed, "oom"},
		{"misconf", []string{"-MISCONF Redis is configured to save RDB snapshots"}, history.Failed, "misconf"},
		{"noauth", []string{"-NOAUTH Authentication required."}, history.Failed, "noauth"},
		{"wrongtype", []string{"-WRONGTYPE Operation against a key"}, history.Failed, "wrongtype"},
		{"unknown error", []string{"-ERR whatever"}, history.Failed, "err"},
		{"silence", []string{hang}, history.Indeterminate, "timeout"},
		{"closed after reading", []string{hangUp}, history.Indeterminate, "eof"},
		// The library looks for push messages first, which takes the reset off
		// the connection; what it reports is the end of the stream.
		{"reset after reading", []string{reset}, history.Indeterminate, "eof"},
		{"garbage", []string{"!?"}, history.Indeterminate, "broken"},
		{"silence, then refused", []string{hang, "-CLUSTERDOWN The cluster is down"}, history.Indeterminate, "timeout"},
		{"refused, then silence", []string{"-CLUSTERDOWN The cluster is down", hang}, history.Indeterminate, "timeout"},
		{"silence, then ok", []string{hang, ":1"}, history.AckedInDoubt, ""},
		{"closed, then moved", []string{hangUp, "-MOVED 0 $addr"}, history.Indeterminate, "eof"},
		{"closed, then no server", []string{hangUpOn}, history.Indeterminate, "eof"},
		{"refused, then ok", []string{"-CLUSTERDOWN The cluster is down", ":1"}, history.Acked, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, kind, node := writeOnce(t, newFakeServer(t, test.replies...), brisk(), nil)
			if got != test.want || kind != test.kind {
				t.Errorf("got %v %q, want %v %q", got, kind, test.want, test.kind)
			}
			if got.IsAcked() && node != "fake" {
				t.Errorf("acked by %q", node)
			}
		})
	}
}

// TestNothingSent ends attempts before a byte of the command is sent.
func TestNothingSent(t *testing.T) {
	t.Run("refused port", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, ":1")
		got, kind, _ := writeOnce(t, s, brisk(), func(drive.ClusterClient) {
			_ = s.listener.Close()
			s.hangUpAll()
		})
		if got != history.Failed || kind != "refused" {
			t.Errorf("got %v %q", got, kind)
		}
	})
	t.Run("handshake unanswered", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, ":1")
		got, kind, _ := writeOnce(t, s, brisk(), func(drive.ClusterClient) { s.muteNew() })
		if got != history.Failed || kind != "connect_timeout" {
			t.Errorf("got %v %q", got, kind)
		}
	})
	t.Run("pool exhausted", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, hang)
		o := brisk()
		o.PoolSize, o.ReadTimeout, o.PoolTimeout, o.MaxRedirects = ptr(1), ms(0), ms(50), ptr(0)
		got, kind, _ := writeOnce(t, s, o, func(client drive.ClusterClient) {
			go client.Do(context.Background(), drive.NewCommand("sadd", "key", "holds the only connection"))
			eventually(t, "the connection is taken", func() bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.asked == 1
			})
		})
		if got != history.Failed || kind != "pool_timeout" {
			t.Errorf("got %v %q", got, kind)
		}
	})
}

// TestRealRefusals has a real server refuse writes.
func TestRealRefusals(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for _, test := range []struct{ kind, option, value, reset string }{
		{"noreplicas", "min-replicas-to-write", "1", "0"},
		{"oom", "maxmemory", "1", "0"},
	} {
		for _, node := range cluster.direct {
			must(t, node.ConfigSet(t.Context(), test.option, test.value).Err())
		}
		got, kind, _ := writeOnce(t, cluster, brisk(), nil)
		if got != history.Failed || kind != test.kind {
			t.Errorf("%s: got %v %q", test.option, got, kind)
		}
		for _, node := range cluster.direct {
			must(t, node.ConfigSet(t.Context(), test.option, test.reset).Err())
		}
	}
	if got, _, node := writeOnce(t, cluster, brisk(), nil); got != history.Acked || node == "" {
		t.Errorf("afterwards: got %v by %q", got, node)
	}
}

package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
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
		got, kind, _ := writeOnce(t, s, brisk(), func(ClusterClient) {
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
		got, kind, _ := writeOnce(t, s, brisk(), func(ClusterClient) { s.muteNew() })
		if got != history.Failed || kind != "connect_timeout" {
			t.Errorf("got %v %q", got, kind)
		}
	})
	t.Run("pool exhausted", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, hang)
		o := brisk()
		o.PoolSize, o.ReadTimeout, o.PoolTimeout, o.MaxRedirects = ptr(1), ms(0), ms(50), ptr(0)
		got, kind, _ := writeOnce(t, s, o, func(client ClusterClient) {
			go client.Do(context.Background(), newCommand("sadd", "key", "holds the only connection"))
			eventually(t, "the connection is taken", func() bool {
				stats := client.(*grClient).redis.PoolStats()
				return stats.TotalConns == 1 && stats.IdleConns == 0
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

func TestErrorKind(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	read := func(err error) error { return &net.OpError{Op: "read", Net: "tcp", Err: err} }
	write := func(err error) error { return &net.OpError{Op: "write", Net: "tcp", Err: err} }
	call := func(errno syscall.Errno) error { return os.NewSyscallError("connect", errno) }
	tests := []struct {
		outcome history.Outcome
		err     error
		want    string
	}{
		{history.Failed, dial(call(syscall.ECONNREFUSED)), "refused"},
		{history.Failed, fmt.Errorf("dialing redis-master-1: %w", dial(call(syscall.ECONNREFUSED))), "refused"},
		{history.Failed, dial(call(syscall.EHOSTUNREACH)), "unreachable"},
		{history.Failed, dial(call(syscall.ENETUNREACH)), "unreachable"},
		{history.Failed, dial(call(syscall.ETIMEDOUT)), "dial_timeout"},
		{history.Failed, dial(os.ErrDeadlineExceeded), "dial_timeout"},
		{history.Failed, dial(context.DeadlineExceeded), "dial_timeout"},
		{history.Failed, dial(&net.DNSError{Err: "no such host"}), "dns"},
		{history.Failed, dial(errors.New("?")), "dial"},
		{history.Failed, named(redis.ErrPoolTimeout), "pool_timeout"},
		{history.Failed, named(redis.ErrPoolExhausted), "pool_timeout"},
		{history.Failed, named(redis.ErrAutoPipelineTimeout), "autopipeline_timeout"},
		{history.Failed, io.EOF, "connect_eof"},
		{history.Failed, read(os.ErrDeadlineExceeded), "connect_timeout"},
		{history.Failed, context.Canceled, "canceled"},
		{history.Failed, named(redis.ErrClosed), "closed"},
		{history.Indeterminate, read(os.ErrDeadlineExceeded), "timeout"},
		{history.Indeterminate, io.EOF, "eof"},
		{history.Indeterminate, io.ErrUnexpectedEOF, "eof"},
		{history.Indeterminate, read(os.NewSyscallError("read", syscall.ECONNRESET)), "reset"},
		{history.Indeterminate, read(os.NewSyscallError("read", syscall.EHOSTUNREACH)), "no_route"},
		{history.Indeterminate, write(os.NewSyscallError("write", syscall.EPIPE)), "broken_pipe"},
		{history.Indeterminate, read(net.ErrClosed), "closed"},
		{history.Indeterminate, errors.New("redis: can't parse"), "broken"},
	}
	for _, test := range tests {
		if got := errorKind(test.outcome, test.err); got != test.want {
			t.Errorf("%v, %v: got %q, want %q", test.outcome, test.err, got, test.want)
		}
	}
}

func TestErrorTally(t *testing.T) {
	var a, b errorRows
	var sum, single errorTally
	a.add(history.Failed, named(redis.ErrPoolTimeout), 20)
	a.add(history.Failed, named(redis.ErrPoolTimeout), 30)
	a.add(history.Failed, named(redis.ErrPoolTimeout), 5000)
	b.add(history.Failed, named(redis.ErrPoolTimeout), 10)
	b.add(history.Indeterminate, io.EOF, 5)
	sum.merge(a)
	sum.merge(b)
	for _, ms := range []float64{10, 20, 30, 5000} {
		single.add(history.Failed, named(redis.ErrPoolTimeout), ms)
	}
	single.add(history.Indeterminate, io.EOF, 5)
	for _, list := range [][]record.ErrorCount{sum.list(), single.list()} {
		if len(list) != 2 || list[0].Kind != "pool_timeout" || list[0].Count != 4 ||
			list[0].FirstMS != 10 || list[0].LastMS != 5000 || list[0].Outcome != "failed" ||
			list[1].Kind != "eof" || list[1].Outcome != "indeterminate" || list[1].Example != "EOF" {
			t.Errorf("got %+v", list)
		}
	}
}

func TestShardTally(t *testing.T) {
	var a, b, sum shardTally
	if met, called := sum.result(2); called {
		t.Errorf("nothing was called, and %+v was met", met)
	}
	a.ended(call{client: 0, fromMS: 10, overMS: 12, outcome: history.Acked})
	a.ended(call{client: 0, fromMS: 12, overMS: 15, outcome: history.AckedInDoubt})
	a.ended(call{client: 0, fromMS: 15, overMS: 16, outcome: history.Acked})
	b.ended(call{client: 1, fromMS: 11, overMS: 511, outcome: history.Indeterminate})
	b.errors.add(history.Indeterminate, io.EOF, 511)
	for _, of := range []shardTally{a, b, {}} {
		sum.merge(of)
	}
	met, _ := sum.result(2)
	if met.Shard != 2 || met.Acked != 3 || *met.Stall != (record.Stall{Client: 1, FromMS: 11, UntilMS: 511, Outcome: "indeterminate"}) ||
		len(met.Errors) != 1 || met.Errors[0].FirstMS != 511 {
		t.Errorf("got %s, %+v", describe(met), met.Stall)
	}
	// An ack is an ack here, in doubt or not.
	if met, _ := a.result(0); *met.Stall != (record.Stall{FromMS: 12, UntilMS: 15, Outcome: "acked"}) {
		t.Errorf("got %+v", met.Stall)
	}
}

func TestClientOptions(t *testing.T) {
	s := newFakeServer(t, ":1")
	o := scenarios.ClientOptions{
		ReadTimeout: ms(500), MaxRedirects: ptr(0), MinRetryBackoff: ms(0), MinIdleConns: ptr(2),
	}
	got := open(t, goRedis{}, s, o, 16).(*grClient).redis.Options()
	if got.ReadTimeout != o.ReadTimeout.D() || got.WriteTimeout != o.ReadTimeout.D() {
		t.Errorf("timeouts: %v, %v", got.ReadTimeout, got.WriteTimeout)
	}
	// What the library makes of -1.
	if got.MaxRedirects != 0 || got.MinRetryBackoff != 0 {
		t.Errorf("an explicit 0: %d redirects, backoff %v", got.MaxRedirects, got.MinRetryBackoff)
	}
	if got.PoolSize < 16 || got.MinIdleConns != 2 {
		t.Errorf("pool of %d, at least %d idle", got.PoolSize, got.MinIdleConns)
	}
}

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
)

// TestOutcomes has a server answer, or not answer, the attempts at one write.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name    string
		replies []string
		want    outcome
		kind    string
	}{
		{"ok", []string{":1"}, acked, ""},
		{"already there", []string{":0"}, acked, ""},
		{"moved", []string{"-MOVED 0 $addr"}, failed, "moved"},
		{"moved, then ok", []string{"-MOVED 0 $addr", ":1"}, acked, ""},
		{"ask, then ok", []string{"-ASK 0 $addr", ":1"}, acked, ""},
		{"ask, then silence", []string{"-ASK 0 $addr", hang}, indeterminate, "timeout"},
		{"ask, then refused", []string{"-ASK 0 $addr", "-CLUSTERDOWN The cluster is down"}, failed, "clusterdown"},
		{"clusterdown", []string{"-CLUSTERDOWN Hash slot not served"}, failed, "clusterdown"},
		{"readonly", []string{"-READONLY You can't write against a read only replica."}, failed, "readonly"},
		{"loading", []string{"-LOADING Redis is loading the dataset in memory"}, failed, "loading"},
		{"masterdown", []string{"-MASTERDOWN Link with MASTER is down"}, failed, "masterdown"},
		{"tryagain", []string{"-TRYAGAIN Multiple keys request during rehashing of slot"}, failed, "tryagain"},
		{"noreplicas", []string{"-NOREPLICAS Not enough good replicas to write."}, failed, "noreplicas"},
		{"oom", []string{"-OOM command not allowed when used memory > 'maxmemory'."}, failed, "oom"},
		{"misconf", []string{"-MISCONF Redis is configured to save RDB snapshots"}, failed, "misconf"},
		{"noauth", []string{"-NOAUTH Authentication required."}, failed, "noauth"},
		{"wrongtype", []string{"-WRONGTYPE Operation against a key"}, failed, "wrongtype"},
		{"unknown error", []string{"-ERR whatever"}, failed, "err"},
		{"silence", []string{hang}, indeterminate, "timeout"},
		{"closed after reading", []string{hangUp}, indeterminate, "eof"},
		// The library looks for push messages first, which takes the reset off
		// the connection; what it reports is the end of the stream.
		{"reset after reading", []string{reset}, indeterminate, "eof"},
		{"garbage", []string{"!?"}, indeterminate, "broken"},
		{"silence, then refused", []string{hang, "-CLUSTERDOWN The cluster is down"}, indeterminate, "timeout"},
		{"refused, then silence", []string{"-CLUSTERDOWN The cluster is down", hang}, indeterminate, "timeout"},
		{"silence, then ok", []string{hang, ":1"}, ackedInDoubt, ""},
		{"closed, then moved", []string{hangUp, "-MOVED 0 $addr"}, indeterminate, "eof"},
		{"closed, then no server", []string{hangUpOn}, indeterminate, "eof"},
		{"refused, then ok", []string{"-CLUSTERDOWN The cluster is down", ":1"}, acked, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, kind, node := writeOnce(t, newFakeServer(t, test.replies...), brisk(), nil)
			if got != test.want || kind != test.kind {
				t.Errorf("got %v %q, want %v %q", got, kind, test.want, test.kind)
			}
			if got.isAcked() && node != "fake" {
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
		got, kind, _ := writeOnce(t, s, brisk(), func(*redis.ClusterClient) {
			_ = s.listener.Close()
			s.hangUpAll()
		})
		if got != failed || kind != "refused" {
			t.Errorf("got %v %q", got, kind)
		}
	})
	t.Run("handshake unanswered", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, ":1")
		got, kind, _ := writeOnce(t, s, brisk(), func(*redis.ClusterClient) { s.muteNew() })
		if got != failed || kind != "connect_timeout" {
			t.Errorf("got %v %q", got, kind)
		}
	})
	t.Run("pool exhausted", func(t *testing.T) {
		t.Parallel()
		s := newFakeServer(t, hang)
		o := brisk()
		o.PoolSize, o.ReadTimeout, o.PoolTimeout, o.MaxRedirects = ptr(1), ms(0), ms(50), ptr(0)
		got, kind, _ := writeOnce(t, s, o, func(rdb *redis.ClusterClient) {
			go rdb.SAdd(context.Background(), "key", "holds the only connection")
			eventually(t, "the connection is taken", func() bool {
				stats := rdb.PoolStats()
				return stats.TotalConns == 1 && stats.IdleConns == 0
			})
		})
		if got != failed || kind != "pool_timeout" {
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
		if got != failed || kind != test.kind {
			t.Errorf("%s: got %v %q", test.option, got, kind)
		}
		for _, node := range cluster.direct {
			must(t, node.ConfigSet(t.Context(), test.option, test.reset).Err())
		}
	}
	if got, _, node := writeOnce(t, cluster, brisk(), nil); got != acked || node == "" {
		t.Errorf("afterwards: got %v by %q", got, node)
	}
}

func TestErrorKind(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	read := func(err error) error { return &net.OpError{Op: "read", Net: "tcp", Err: err} }
	write := func(err error) error { return &net.OpError{Op: "write", Net: "tcp", Err: err} }
	call := func(errno syscall.Errno) error { return os.NewSyscallError("connect", errno) }
	tests := []struct {
		outcome outcome
		err     error
		want    string
	}{
		{failed, dial(call(syscall.ECONNREFUSED)), "refused"},
		{failed, fmt.Errorf("dialing redis-master-1: %w", dial(call(syscall.ECONNREFUSED))), "refused"},
		{failed, dial(call(syscall.EHOSTUNREACH)), "unreachable"},
		{failed, dial(call(syscall.ENETUNREACH)), "unreachable"},
		{failed, dial(call(syscall.ETIMEDOUT)), "dial_timeout"},
		{failed, dial(os.ErrDeadlineExceeded), "dial_timeout"},
		{failed, dial(context.DeadlineExceeded), "dial_timeout"},
		{failed, dial(&net.DNSError{Err: "no such host"}), "dns"},
		{failed, dial(errors.New("?")), "dial"},
		{failed, redis.ErrPoolTimeout, "pool_timeout"},
		{failed, redis.ErrPoolExhausted, "pool_timeout"},
		{failed, redis.ErrAutoPipelineTimeout, "autopipeline_timeout"},
		{failed, io.EOF, "connect_eof"},
		{failed, read(os.ErrDeadlineExceeded), "connect_timeout"},
		{failed, context.Canceled, "canceled"},
		{failed, redis.ErrClosed, "closed"},
		{indeterminate, read(os.ErrDeadlineExceeded), "timeout"},
		{indeterminate, io.EOF, "eof"},
		{indeterminate, io.ErrUnexpectedEOF, "eof"},
		{indeterminate, read(os.NewSyscallError("read", syscall.ECONNRESET)), "reset"},
		{indeterminate, read(os.NewSyscallError("read", syscall.EHOSTUNREACH)), "no_route"},
		{indeterminate, write(os.NewSyscallError("write", syscall.EPIPE)), "broken_pipe"},
		{indeterminate, read(net.ErrClosed), "closed"},
		{indeterminate, errors.New("redis: can't parse"), "broken"},
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
	a.add(failed, redis.ErrPoolTimeout, 20)
	a.add(failed, redis.ErrPoolTimeout, 30)
	a.add(failed, redis.ErrPoolTimeout, 5000)
	b.add(failed, redis.ErrPoolTimeout, 10)
	b.add(indeterminate, io.EOF, 5)
	sum.merge(a)
	sum.merge(b)
	for _, ms := range []float64{10, 20, 30, 5000} {
		single.add(failed, redis.ErrPoolTimeout, ms)
	}
	single.add(indeterminate, io.EOF, 5)
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
	a.ended(call{client: 0, fromMS: 10, overMS: 12, outcome: acked})
	a.ended(call{client: 0, fromMS: 12, overMS: 15, outcome: ackedInDoubt})
	a.ended(call{client: 0, fromMS: 15, overMS: 16, outcome: acked})
	b.ended(call{client: 1, fromMS: 11, overMS: 511, outcome: indeterminate})
	b.errors.add(indeterminate, io.EOF, 511)
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
	rdb := newClient(o, 16, s, nil)
	defer rdb.Close()
	got := rdb.Options()
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

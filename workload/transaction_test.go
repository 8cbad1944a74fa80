package workload

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/goredis"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

const (
	inQueue  = "+QUEUED"
	executed = "*1\r\n:1"
	aborted  = "-EXECABORT Transaction discarded because of previous errors."
)

// transactOnce writes once, in a transaction, followed by WAIT if that is given.
func transactOnce(t *testing.T, target drive.Target, waiting *drive.Wait) (history.Outcome, string) {
	t.Helper()
	client := open(t, goredis.Library{}, target, brisk(), 1)
	must(t, client.Reach(t.Context()))
	got, kind, _ := writeBy(t, client, drive.Write{Transaction: true, Wait: waiting})
	return got, kind
}

// What is known of a write in a transaction depends on what is answered to MULTI,
// to the write and to EXEC.
func TestTransactionOutcomes(t *testing.T) {
	for _, test := range []struct {
		name           string
		multi          string
		replies, execs []string
		want           history.Outcome
		kind           string
	}{
		{"done", "", []string{inQueue}, []string{executed}, history.Acked, ""},
		{"moved, then done", "", []string{"-MOVED 0 $addr", inQueue}, []string{aborted, executed}, history.Acked, ""},
		{"ask, then done", "", []string{"-ASK 0 $addr", inQueue}, []string{aborted, executed}, history.Acked, ""},
		{"moved before EXEC, then done", "", []string{inQueue}, []string{"-MOVED 0 $addr", executed}, history.Acked, ""},
		{"moved for good", "", []string{"-MOVED 0 $addr"}, []string{aborted}, history.Failed, "moved"},
		{"refused", "", []string{"-OOM no"}, []string{aborted}, history.Failed, "oom"},
		{"refused, and no answer to EXEC", "", []string{"-OOM no"}, []string{hang}, history.Failed, "oom"},
		{"refused, and hung up on EXEC", "", []string{"-OOM no"}, []string{hangUp}, history.Failed, "oom"},
		{"aborted", "", []string{inQueue}, []string{aborted}, history.Failed, "execabort"},
		{"down by EXEC", "", []string{inQueue}, []string{"-CLUSTERDOWN The cluster is down"}, history.Failed, "clusterdown"},
		{"read-only by EXEC, then done", "", []string{inQueue}, []string{"-READONLY no", executed}, history.Acked, ""},
		{"refused within EXEC", "", []string{inQueue}, []string{"*1\r\n-WRONGTYPE no"}, history.Failed, "wrongtype"},
		{"no answer to the write", "", []string{hang}, []string{executed}, history.Indeterminate, "timeout"},
		{"hung up on the write", "", []string{hangUp}, []string{executed}, history.Indeterminate, "eof"},
		{"no answer to EXEC", "", []string{inQueue}, []string{hang}, history.Indeterminate, "timeout"},
		{"hung up on EXEC", "", []string{inQueue}, []string{hangUp}, history.Indeterminate, "eof"},
		{"no answer to EXEC, then refused", "", []string{inQueue, "-OOM no"}, []string{hang, aborted}, history.Indeterminate, "timeout"},
		{"no answer to EXEC, then aborted", "", []string{inQueue}, []string{hang, aborted}, history.Indeterminate, "timeout"},
		{"no answer to EXEC, then done", "", []string{inQueue}, []string{hang, executed}, history.AckedInDoubt, ""},
		{"two results", "", []string{inQueue}, []string{"*2\r\n:1\r\n:1"}, history.Indeterminate, "broken"},
		{"no MULTI", "-ERR no", []string{":1"}, []string{"-ERR EXEC without MULTI"}, history.Indeterminate, "err"},
		{"no MULTI, and refused", "-ERR no", []string{"-OOM no"}, []string{"-ERR EXEC without MULTI"}, history.Failed, "oom"},
		{"no answer to MULTI", hang, []string{inQueue}, []string{executed}, history.Indeterminate, "timeout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFakeServer(t, test.replies...)
			s.mu.Lock()
			s.multi, s.execs = test.multi, test.execs
			s.mu.Unlock()
			if got, kind := transactOnce(t, s, nil); got != test.want || kind != test.kind {
				t.Errorf("got %v %q, want %v %q", got, kind, test.want, test.kind)
			}
		})
	}
}

// A transaction can be waited for on replicas, too.
func TestTransactionWaits(t *testing.T) {
	for _, test := range []struct {
		exec, wait string
		want       history.Outcome
		kind       string
	}{
		{executed, ":2", history.Acked, ""},
		{executed, ":1", history.Indeterminate, "wait_short"},
		{executed, hang, history.Indeterminate, "timeout"},
		{aborted, ":2", history.Failed, "execabort"},
	} {
		s := newFakeServer(t, inQueue)
		s.mu.Lock()
		s.execs, s.wait = []string{test.exec}, test.wait
		s.mu.Unlock()
		waiting := drive.NewWait(scenarios.Workload{Wait: &scenarios.Wait{Replicas: 2, Timeout: *ms(10)}})
		if got, kind := transactOnce(t, s, waiting); got != test.want || kind != test.kind {
			t.Errorf("EXEC %q, WAIT %q: got %v %q, want %v %q", test.exec, test.wait, got, kind, test.want, test.kind)
		}
	}
}

// Every type of workload that writes values writes them in transactions.
func TestTransactionsOfEveryType(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for typ, kind := range Kinds() {
		if !slices.Contains(kind().Traits(), trait.CountsLoss) {
			continue
		}
		spec := setSpec()
		spec.Type, spec.Transaction, spec.Rate = typ, true, scenarios.ConstantRate(500)
		for _, node := range cluster.direct {
			must(t, node.ConfigResetStat(t.Context()).Err())
		}
		w, rec := cluster.runUntil(t, spec, 200)
		must(t, w.Verify(t.Context()))
		calls := cluster.calls(t, "exec")
		end, found := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
		checkSum(t, end)
		if end.Acked == 0 || end.Acked != end.Attempted || calls != end.Acked || found.Lost+found.Foreign+found.Unverified != 0 {
			t.Errorf("%s: %d transactions, %s and %s", typ, calls, describe(end), describe(found))
		}
	}
}

// TestTransactionsOnRealServers refuses transactions, and breaks their connections,
// for real: each write is there or not as its outcome says.
func TestTransactionsOnRealServers(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	there := func() bool {
		t.Helper()
		for _, node := range cluster.direct {
			if n, err := node.DBSize(t.Context()).Result(); err != nil || n > 0 {
				return true
			}
		}
		return false
	}
	for _, test := range []struct {
		name    string
		cut     cut
		refuse  bool
		want    history.Outcome
		kind    string
		applied bool
	}{
		{"done", cut{}, false, history.Acked, "", true},
		{"refused", cut{}, true, history.Failed, "oom", false},
		{"lost between MULTI and EXEC", cut{at: "*1\r\n$4\r\nexec"}, false, history.Indeterminate, "closed", false},
		{"lost the answer to EXEC", cut{at: "*1\r\n$4\r\nexec", after: true}, false, history.Indeterminate, "closed", true},
	} {
		cluster.fresh(t)
		limit := map[bool]string{true: "1", false: "0"}[test.refuse]
		for _, node := range cluster.direct {
			must(t, node.ConfigSet(t.Context(), "maxmemory", limit).Err())
		}
		got, kind := transactOnce(t, cuttingTarget{cluster, test.cut}, nil)
		if got != test.want || kind != test.kind {
			t.Errorf("%s: got %v %q, want %v %q", test.name, got, kind, test.want, test.kind)
		}
		if test.applied {
			eventually(t, test.name+": the write is there", there)
		} else if there() {
			t.Errorf("%s: the write is there", test.name)
		}
	}
}

// TestTransactionsThroughDisconnects kills connections all the time: what was acked
// is there, and what was refused is not.
func TestTransactionsThroughDisconnects(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := setSpec()
	spec.Type, spec.Transaction, spec.Client = "list", true, brisk()
	spec.Client.MaxRedirects = ptr(0) // or nearly all would be acked in the end
	// Nothing depends on any one answer, and none that does not come may hold a client up for long.
	spec.Client.DialTimeout, spec.Client.ReadTimeout, spec.Client.PoolTimeout = ms(1000), ms(1000), ms(1000)
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "writes are acked, and indeterminate", func() bool {
		time.Sleep(100 * time.Millisecond) // for new connections, on a busy machine too
		for _, node := range cluster.direct {
			// SKIPME is the default: the connection that asks stays.
			must(t, node.Do(t.Context(), "client", "kill", "type", "normal").Err())
		}
		_, acked, _, indeterminate := w.Progress()
		return acked > 300 && indeterminate > 5
	})
	end()
	must(t, w.Verify(t.Context()))
	done, found := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
	checkSum(t, done)
	if found.Lost+found.FailedApplied+found.Foreign+found.Unverified+*found.OutOfOrder != 0 || found.UnackedApplied > done.Indeterminate {
		t.Errorf("got %s and %s", describe(done), describe(found))
	}
}

// calls is how often the nodes carried a command out.
func (c *testCluster) calls(t *testing.T, command string) (n int64) {
	t.Helper()
	for _, node := range c.direct {
		_, stat, found := strings.Cut(node.Info(t.Context(), "commandstats").Val(), "cmdstat_"+command+":calls=")
		if !found {
			continue
		}
		count, _, _ := strings.Cut(stat, ",")
		calls, err := strconv.ParseInt(count, 10, 64)
		must(t, err)
		n += calls
	}
	return n
}

// cut closes a connection where a text would be written to it: before that, or
// after it and before anything is read.
type cut struct {
	at    string
	after bool
}

// cuttingTarget is a cluster whose connections are cut.
type cuttingTarget struct {
	*testCluster
	cut cut
}

func (c cuttingTarget) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := c.testCluster.Dial(ctx, network, addr)
	if err != nil || c.cut.at == "" {
		return conn, err
	}
	return cuttingConn{conn, c.cut}, nil
}

type cuttingConn struct {
	net.Conn
	cut cut
}

func (c cuttingConn) Write(b []byte) (int, error) {
	at := bytes.Index(b, []byte(c.cut.at))
	if at < 0 {
		return c.Conn.Write(b)
	}
	if c.cut.after {
		at = len(b)
	}
	if n, err := c.Conn.Write(b[:at]); err != nil {
		return n, err
	}
	_ = c.Close()
	return len(b), nil // as far as the client can tell
}

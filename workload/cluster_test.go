package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

func TestMain(m *testing.M) {
	logging.Disable() // what go-redis has to say of broken connections
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// testCluster is masters of a real cluster on the loopback interface. Shard i
// is that of node i, called "node-i".
type testCluster struct {
	addrs  []string
	direct []*redis.Client
	procs  []*os.Process
	// replicas are those of addReplicas, each called "replica-i" after its master.
	replicas []testReplica
}

var _ drive.Target = (*testCluster)(nil)

func (c *testCluster) Addrs() []string { return c.addrs }
func (c *testCluster) Shards() int     { return len(c.addrs) }

func (c *testCluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

func (c *testCluster) NodeAt(addr string) string {
	for i, a := range c.addrs {
		if a == addr {
			return "node-" + strconv.Itoa(i)
		}
	}
	for i, r := range c.replicas {
		if r.addr == addr {
			return "replica-" + strconv.Itoa(i)
		}
	}
	return ""
}

func (c *testCluster) ShardOf(slot int) int {
	for i := range c.addrs {
		if first, last := c.slots(i); first <= slot && slot <= last {
			return i
		}
	}
	return -1
}

func (c *testCluster) slots(node int) (first, last int) {
	return node * 16384 / len(c.addrs), (node+1)*16384/len(c.addrs) - 1
}

// newTestCluster starts masters and waits until every one can take writes.
func newTestCluster(t testing.TB, masters int) *testCluster {
	t.Helper()
	c := &testCluster{}
	ctx := t.Context()
	bus := make([]int, masters)
	for i := range masters {
		addr, node, proc, busPort := startNode(t)
		bus[i] = busPort
		c.addrs = append(c.addrs, addr)
		c.direct = append(c.direct, node)
		c.procs = append(c.procs, proc)
	}
	for i, node := range c.direct {
		first, last := c.slots(i)
		must(t, node.ClusterAddSlotsRange(ctx, first, last).Err())
		must(t, node.Do(ctx, "cluster", "set-config-epoch", i+1).Err())
	}
	for i := 1; i < masters; i++ {
		c.meet(t, c.addrs[i], c.direct[i], bus[i])
	}
	c.settle(t)
	c.bearWithEachFor(t, heldUp)
	return c
}

// Node timeouts, in ms. Nodes tell each other what is new twice in each.
const (
	quickNews = 1000
	heldUp    = 15_000 // longer than a busy machine holds any of them up
)

// meet has the first node and another know each other. A server that is held up for
// as long as its node timeout forgets whom it was about to know.
func (c *testCluster) meet(t testing.TB, addr string, node *redis.Client, bus int) {
	t.Helper()
	host, port, _ := net.SplitHostPort(addr)
	knows := func(node *redis.Client, addr string) bool {
		for line := range strings.Lines(node.ClusterNodes(t.Context()).Val()) {
			if strings.Contains(line, " "+addr+"@") && !strings.Contains(line, "handshake") {
				return true
			}
		}
		return false
	}
	var asked time.Time
	eventually(t, "two nodes know each other", func() bool {
		if time.Since(asked) > 3*time.Second {
			must(t, c.direct[0].Do(t.Context(), "cluster", "meet", host, port, bus).Err())
			asked = time.Now()
		}
		return knows(c.direct[0], addr) && knows(node, c.addrs[0])
	})
}

// bearWithEachFor sets for how long a node may be silent before the others take it
// for dead.
func (c *testCluster) bearWithEachFor(t testing.TB, ms int) {
	t.Helper()
	for _, node := range append(c.replicaClients(), c.direct...) {
		must(t, node.ConfigSet(t.Context(), "cluster-node-timeout", strconv.Itoa(ms)).Err())
	}
}

// startNode starts a server that belongs to no cluster yet.
func startNode(t testing.TB) (addr string, node *redis.Client, proc *os.Process, bus int) {
	t.Helper()
	for {
		// Another process may be quicker to take one of the ports.
		if addr, node, proc, bus = tryNode(t); proc != nil {
			return addr, node, proc, bus
		}
	}
}

// tryNode starts a server; proc is nil if it ends, as it does where a port is taken.
func tryNode(t testing.TB) (addr string, node *redis.Client, proc *os.Process, bus int) {
	t.Helper()
	server, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("there is no redis-server to test against")
	}
	port := freePort(t)
	bus = freePort(t)
	var said strings.Builder
	cmd := exec.Command(server,
		"--port", strconv.Itoa(port), "--cluster-port", strconv.Itoa(bus), "--bind", "127.0.0.1",
		"--cluster-enabled", "yes", "--cluster-node-timeout", strconv.Itoa(quickNews),
		"--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--loglevel", "warning")
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	node = redis.NewClient(&redis.Options{Addr: addr, DisableIdentity: true, ReadTimeout: 30 * time.Second})
	t.Cleanup(func() { _ = node.Close() })
	own := fmt.Sprintf("process_id:%d\r\n", cmd.Process.Pid)
	gone := false
	eventually(t, "node answers", func() bool {
		select {
		case <-ended:
			gone = true
			return true
		default:
			return strings.Contains(node.Info(t.Context(), "server").Val(), own)
		}
	})
	if !gone {
		return addr, node, cmd.Process, bus
	}
	if !strings.Contains(said.String(), "in use") {
		t.Fatalf("the server ended: %s", said.String())
	}
	return "", nil, nil, 0
}

// settle waits until every node sees the whole cluster.
func (c *testCluster) settle(t testing.TB) {
	t.Helper()
	for _, node := range c.direct {
		eventually(t, "cluster is ok", func() bool {
			info := node.ClusterInfo(t.Context()).Val()
			return strings.Contains(info, "cluster_state:ok") &&
				strings.Contains(info, "cluster_slots_ok:16384") &&
				strings.Contains(info, fmt.Sprintf("cluster_size:%d", len(c.addrs)))
		})
	}
}

// lastPort is the last port that was handed out, above firstPort.
var lastPort atomic.Int32

// firstPort is below the ports that the kernel gives to connections, so that none
// of these takes one before its server does.
const firstPort = 20_000

// freePort hands out every port once: tests run beside each other.
func freePort(t testing.TB) int {
	t.Helper()
	for {
		port := firstPort + int(lastPort.Add(1))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			must(t, l.Close())
			return port
		}
	}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fresh removes all data and makes a record to write into.
func (c *testCluster) fresh(t testing.TB) *record.Record {
	t.Helper()
	for _, node := range c.direct {
		must(t, node.FlushAll(t.Context()).Err())
	}
	return record.New(record.NewClock(), io.Discard)
}

// run makes a workload and runs it for a time; again if the machine stood still for
// so much of that time that next to nothing was written.
func (c *testCluster) run(t testing.TB, spec scenarios.Workload, d time.Duration) (*Workload, *record.Record) {
	t.Helper()
	for attempts := 1; ; attempts++ {
		rec := c.fresh(t)
		w, err := New(spec, "run", 1, c, rec)
		must(t, err)
		must(t, w.Run(t.Context(), d))
		if n, _, _, _ := w.Progress(); n >= 20 || attempts == 5 {
			return w, rec
		}
	}
}

// runUntil makes a workload and runs it until so many writes are acked, however long
// that takes.
func (c *testCluster) runUntil(t *testing.T, spec scenarios.Workload, acks int64) (*Workload, *record.Record) {
	t.Helper()
	w, rec, end := c.begin(t, spec)
	eventually(t, "enough writes are acked", func() bool { _, n, _, _ := w.Progress(); return n >= acks })
	end()
	return w, rec
}

// begin runs a workload until the returned function is called.
func (c *testCluster) begin(t *testing.T, spec scenarios.Workload) (*Workload, *record.Record, func()) {
	t.Helper()
	return c.beginAt(t, c, spec)
}

// beginAt does so with a target that stands before the cluster.
func (c *testCluster) beginAt(t *testing.T, target drive.Target, spec scenarios.Workload) (*Workload, *record.Record, func()) {
	t.Helper()
	rec := c.fresh(t)
	w, err := New(spec, "run", 1, target, rec)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	ended := make(chan error)
	go func() { ended <- w.Run(ctx, time.Hour) }()
	return w, rec, func() {
		t.Helper()
		cancel()
		must(t, <-ended)
	}
}

// only is the one event of a type in a record.
func only[T record.Data](t testing.TB, rec *record.Record) T {
	t.Helper()
	all := events[T](rec)
	if len(all) != 1 {
		t.Fatalf("%d events of type %T, want 1", len(all), *new(T))
	}
	return all[0]
}

func events[T record.Data](rec *record.Record) (all []T) {
	for _, e := range rec.Events() {
		if d, ok := e.Data.(T); ok {
			all = append(all, d)
		}
	}
	return all
}

// ackedOn lists the acked writes of a workload by shard, as client and number.
func (w *Workload) ackedOn(shards int) [][][2]int {
	on := make([][][2]int, shards)
	for i := range w.Clients {
		h := &w.Clients[i].Writes
		for n := range h.Len() {
			if o, _ := h.At(n); o.IsAcked() {
				shard := w.ShardOf[w.kind.(values).KeyOf(i, n)]
				on[shard] = append(on[shard], [2]int{i, int(n)})
			}
		}
	}
	return on
}

func (w *Workload) text(write [2]int) string {
	return string(keyspace.AppendValue(nil, write[0], uint32(write[1]), keyspace.SizesOf(w.Spec)))
}

func (w *Workload) keyOf(write [2]int) string {
	return w.Keys[w.kind.(values).KeyOf(write[0], uint32(write[1]))]
}

func checkSum(t *testing.T, done *record.WorkloadDone) {
	t.Helper()
	if done.Attempted != done.Acked+done.Failed+done.Indeterminate {
		t.Errorf("attempted %d is not the sum of acked %d, failed %d, indeterminate %d",
			done.Attempted, done.Acked, done.Failed, done.Indeterminate)
	}
	var errs int64
	for _, e := range done.Errors {
		errs += e.Count
	}
	if errs != done.Failed+done.Indeterminate {
		t.Errorf("%d errors counted by kind, but %d failed and %d indeterminate writes",
			errs, done.Failed, done.Indeterminate)
	}
	acked := int64(0)
	for _, met := range done.Shards {
		acked += met.Acked
		until := map[string]float64{}
		for _, e := range met.Errors {
			errs -= e.Count
			kind := e.Kind + " " + e.Outcome
			if last, ok := until[kind]; e.Last < e.First || ok && e.First-record.Millis(last) < failure.Gap {
				t.Errorf("shard %d: %+v, after those of the kind until %g ms", met.Shard, e, last)
			}
			until[kind] = float64(e.Last)
		}
		if met.Stall == nil || met.Stall.Until < met.Stall.From || met.Stall.Until > done.End {
			t.Errorf("the longest call on shard %d: %+v", met.Shard, met.Stall)
		}
	}
	if acked != done.Acked || errs != 0 {
		t.Errorf("by shard, %d of %d acks and %d errors too few", acked, done.Acked, errs)
	}
}

// describe is v as JSON, with what pointers point to.
func describe(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

package observe

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// The default paces of a scenario.
const (
	probePace    = time.Duration(scenarios.DefaultProbes)
	topologyPace = time.Duration(scenarios.DefaultTopology)
)

// oneNode is a runtime of a single node, whose connections a test makes.
type oneNode struct {
	compose.Cluster
	dial func(context.Context) (net.Conn, error)
}

func (o oneNode) Nodes() []compose.Node {
	return []compose.Node{{Name: "redis-master-1", Addr: "node:6379"}}
}

func (o oneNode) Dial(ctx context.Context, _, _ string) (net.Conn, error) { return o.dial(ctx) }

// server answers each command on its connections by a call of reply, which may
// wait; "" is no answer.
func server(t *testing.T, reply func() string) oneNode {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for {
					for range 7 { // the lines of a SET
						if _, err := in.ReadString('\n'); err != nil {
							return
						}
					}
					line := reply()
					if line == "hang up" {
						return
					}
					if _, err := io.WriteString(conn, line); err != nil {
						return
					}
				}
			}()
		}
	}()
	return oneNode{dial: func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", listener.Addr().String())
	}}
}

// probeFor probes a node for a while. If this process was held up meanwhile, so that
// it may have found what nobody did, it probes another one.
func probeFor(t *testing.T, d time.Duration, node func() oneNode) (rows []*record.Probe) {
	t.Helper()
	for range 20 {
		var heldUp bool
		if rows, heldUp = probeOnce(t, d, node()); !heldUp {
			break
		}
	}
	return rows
}

func probeOnce(t *testing.T, d time.Duration, node oneNode) (rows []*record.Probe, heldUp bool) {
	t.Helper()
	rec := record.New(record.NewClock(), io.Discard)
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	poll := newPoller(node, rec, probePace, probes(node.Nodes(), rec, "run", slots.Equal(3), probePace, asFormed(node.Nodes())))
	poll.run(ctx)
	var notRun record.Millis
	for _, e := range rec.Events() {
		switch d := e.Data.(type) {
		case *record.Probe:
			if e.At > d.Until {
				t.Errorf("a row from %.1f to %.1f ms", e.At, d.Until)
			}
			if d.Continues {
				last := rows[len(rows)-1]
				d.Count, d.Slowest = d.Count+last.Count, max(d.Slowest, last.Slowest)
				rows = rows[:len(rows)-1]
			}
			rows = append(rows, d)
		case *record.Starved:
			notRun += d.For
		}
	}
	return rows, notRun > 150 // of the 500 of probePatience
}

// asFormed says that nodes are members of the shards that they started in.
func asFormed(nodes []compose.Node) func(string) int {
	return func(node string) int {
		return nodes[slices.IndexFunc(nodes, func(n compose.Node) bool { return n.Name == node })].Shard
	}
}

// A replica that has migrated is probed for the shard that it is a member of by then.
func TestProbesFollowAMigration(t *testing.T) {
	rec := record.New(record.NewClock(), io.Discard)
	node := server(t, func() string { return "+OK\r\n" })
	var shard atomic.Int64
	poll := newPoller(node, rec, probePace, probes(node.Nodes(), rec, "run", slots.Equal(3), probePace, func(string) int { return int(shard.Load()) }))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	time.AfterFunc(200*time.Millisecond, func() { shard.Store(2) })
	time.AfterFunc(400*time.Millisecond, cancel)
	poll.run(ctx)
	seen := map[int]bool{}
	for _, e := range rec.Events() {
		if p, ok := e.Data.(*record.Probe); ok {
			seen[p.Shard] = true
		}
	}
	if !seen[0] || !seen[2] || len(seen) != 2 {
		t.Errorf("probed for shards %v, want 0 and then 2", seen)
	}
}

func answers(rows []*record.Probe) (answers []string) {
	for _, r := range rows {
		answers = append(answers, r.Answer)
	}
	return answers
}

func TestProbesOfANodeThatIsWell(t *testing.T) {
	rows := probeFor(t, 300*time.Millisecond, func() oneNode { return server(t, func() string { return "+OK\r\n" }) })
	for _, r := range rows {
		if r.Answer != record.ProbeAck || r.Node != "redis-master-1" || r.Slowest <= 0 {
			t.Errorf("%+v", r)
		}
	}
	if len(rows) == 0 {
		t.Error("no row")
	}
}

// A server that stands still for 200 ms has 40 probes to answer then, and no
// later one waits for that: the loop is open.
func TestLateAnswersDelayNoProbe(t *testing.T) {
	rows := probeFor(t, 600*time.Millisecond, func() oneNode {
		var probes atomic.Int64
		return server(t, func() string {
			if probes.Add(1) == 20 {
				time.Sleep(200 * time.Millisecond)
			}
			return "+OK\r\n"
		})
	})
	var count int64
	var slowest, gap record.Millis
	for i, r := range rows {
		count += r.Count
		slowest = max(slowest, r.Slowest)
		if i > 0 {
			gap = max(gap, r.Until-rows[i-1].Until)
		}
		if r.Answer != record.ProbeAck {
			t.Errorf("%+v", r)
		}
	}
	if slowest < 190 || gap < 190 {
		t.Errorf("the slowest answer took %.1f ms, the gap %.1f ms, both should be 200", slowest, gap)
	}
	if waited := int64(200 * time.Millisecond / probePace); count < waited {
		t.Errorf("%d probes, not even the %d of the 200 ms", count, waited)
	}
}

func TestProbesOfANodeThatNeverAnswers(t *testing.T) {
	rows := probeFor(t, 2*probePatience+200*time.Millisecond, func() oneNode { return server(t, func() string { return "" }) })
	if len(rows) != 1 || rows[0].Answer != "timeout" || rows[0].Count < 3 || rows[0].Slowest != 0 {
		t.Errorf("%+v", answers(rows))
	}
}

func TestProbesOfANodeThatIsNotThere(t *testing.T) {
	rows := probeFor(t, 100*time.Millisecond, func() oneNode {
		return oneNode{dial: func(context.Context) (net.Conn, error) { return nil, syscall.ECONNREFUSED }}
	})
	if len(rows) != 1 || rows[0].Answer != "refused" || rows[0].Count < 3 {
		t.Errorf("%+v", answers(rows))
	}
}

// Packets to a node that is cut off vanish. Attempts to connect go on beside each
// other, so that it is found as soon as it is back.
func TestANodeThatComesBackIsFound(t *testing.T) {
	well := server(t, func() string { return "+OK\r\n" })
	rows := probeFor(t, 1500*time.Millisecond, func() oneNode {
		var back atomic.Bool
		time.AfterFunc(700*time.Millisecond, func() { back.Store(true) })
		return oneNode{dial: func(ctx context.Context) (net.Conn, error) {
			if back.Load() {
				return well.dial(ctx)
			}
			select { // as a connection that is made by compose.Access is given up
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(dialPatience):
				return nil, os.ErrDeadlineExceeded
			}
		}}
	})
	if len(rows) < 2 || rows[0].Answer != "timeout" || rows[len(rows)-1].Answer != record.ProbeAck {
		t.Errorf("%v", answers(rows))
	}
}

// A node that has no room for the connection says so without being asked.
func TestProbesOfANodeThatIsOutOfConnections(t *testing.T) {
	rows := probeFor(t, 300*time.Millisecond, func() oneNode {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(conn, "-ERR max number of clients reached\r\n") // the prober may be gone
				conn.Close()
			}
		}()
		return oneNode{dial: func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", listener.Addr().String())
		}}
	})
	if len(rows) != 1 || rows[0].Answer != "maxclients" || rows[0].Count < 3 {
		t.Errorf("%+v", answers(rows))
	}
}

func TestProbesOfANodeThatHangsUp(t *testing.T) {
	rows := probeFor(t, 300*time.Millisecond, func() oneNode {
		var probes atomic.Int64
		return server(t, func() string {
			if probes.Add(1)%10 == 0 {
				return "hang up"
			}
			return "-CLUSTERDOWN Hash slot not served\r\n"
		})
	})
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r.Answer] = true
	}
	if !seen["reset"] || !seen["clusterdown"] || len(seen) != 2 {
		t.Errorf("%v", answers(rows))
	}
}

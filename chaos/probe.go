package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// probePace is the time between two probes of one node.
	probePace = 5 * time.Millisecond
	// probePatience is how long a node may take to answer a probe.
	probePatience = 250 * time.Millisecond
)

// prober sends a tiny write to every node at a fixed pace over a connection of
// its own, past any cluster client, and records what each node answers.
type prober struct {
	runtime compose.Runtime
	rec     *record.Record
	keys    []string // by shard: a key in one of the shard's slots
}

func newProber(r compose.Runtime, rec *record.Record, runID string, masters int) *prober {
	p := &prober{runtime: r, rec: rec}
	for shard := range masters {
		share := slots.Share(shard, masters)
		for i := 0; ; i++ {
			key := fmt.Sprintf("%s:probe:%d", runID, i)
			if share.Holds(slots.Of(key)) {
				p.keys = append(p.keys, key)
				break
			}
		}
	}
	return p
}

// run probes until ctx ends.
func (p *prober) run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, n := range p.runtime.Nodes() {
		wg.Go(func() { p.probe(ctx, n) })
	}
	wg.Wait()
}

// answer is what a node said to a probe.
type answer struct{ class, to string }

// probe writes to one node until ctx ends.
func (p *prober) probe(ctx context.Context, n compose.Node) {
	key := p.keys[n.Shard]
	write := []byte(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\n1\r\n", len(key), key))
	row := row{rec: p.rec, node: n.Name, shard: n.Shard}
	defer row.end()
	var conn net.Conn
	var in *bufio.Reader
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	for next := time.Now(); sleep(ctx, time.Until(next)); {
		next = next.Add(probePace)
		if late := time.Since(next); late > 0 {
			next = next.Add(late.Truncate(probePace) + probePace)
		}
		if conn == nil {
			dial, cancel := context.WithTimeout(ctx, probePatience)
			c, err := p.runtime.Dial(dial, "tcp", n.Addr)
			cancel()
			if err != nil {
				row.add(ctx, failure(err))
				continue
			}
			conn, in = c, bufio.NewReaderSize(c, 512)
		}
		said, err := exchange(conn, in, write)
		if err != nil {
			said = failure(err)
			conn.Close()
			conn = nil
		}
		row.add(ctx, said)
	}
}

// exchange sends a command and reads the one line of its reply.
func exchange(conn net.Conn, in *bufio.Reader, command []byte) (answer, error) {
	if err := conn.SetDeadline(time.Now().Add(probePatience)); err != nil {
		return answer{}, err
	}
	if _, err := conn.Write(command); err != nil {
		return answer{}, err
	}
	line, err := in.ReadString('\n')
	if err != nil {
		return answer{}, err
	}
	return classify(strings.TrimRight(line, "\r\n")), nil
}

// classify reads a reply to SET: +OK, or an error whose first word is its kind.
func classify(reply string) answer {
	if strings.HasPrefix(reply, "+") {
		return answer{class: record.ProbeAck}
	}
	words := strings.Fields(strings.TrimPrefix(reply, "-"))
	if len(words) == 0 {
		return answer{class: "error"}
	}
	a := answer{class: strings.ToLower(words[0])}
	if (a.class == "moved" || a.class == "ask") && len(words) == 3 {
		a.to = words[2]
	}
	return a
}

// failure classes what went wrong with a connection.
func failure(err error) answer {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return answer{class: "refused"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return answer{class: "unreachable"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF):
		return answer{class: "reset"}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return answer{class: "timeout"}
	default:
		return answer{class: "error"}
	}
}

// row joins like answers of one node into one event.
type row struct {
	rec   *record.Record
	node  string
	shard int

	last         answer
	first, until float64
	count        int64
}

func (r *row) add(ctx context.Context, a answer) {
	if ctx.Err() != nil {
		return
	}
	now := r.rec.Now()
	if r.count > 0 && a != r.last {
		r.end()
	}
	if r.count == 0 {
		r.last, r.first = a, now
	}
	r.until = now
	r.count++
}

// end records the row, if there is one.
func (r *row) end() {
	if r.count == 0 {
		return
	}
	r.rec.AddAt(r.first, &record.Probe{
		Node: r.node, Shard: r.shard, Answer: r.last.class, To: r.last.to, UntilMS: r.until, Count: r.count,
	})
	r.count = 0
}

package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// probePatience is how long a node may take to answer a probe.
const probePatience = 500 * time.Millisecond

// probe sends a tiny write to one node at a fixed pace over a connection of its
// own, past any cluster client, and records what the node answers. It is an open
// loop: a write is sent when its time has come, whether those before it are
// answered or not.
type probe struct {
	link
	pace   time.Duration
	next   time.Time // when the next write is due
	writes [][]byte  // by shard: a SET
	row    probeRow
	// place tells which shard the node is a member of by now.
	place func() int

	waiting []time.Time // when the writes were sent that are not answered yet, in order
	buffer  []byte
	filled  int // bytes of a line that has not come to its end

	// line is the last answer as it came, and parsed what it is.
	line   string
	parsed answer
}

// probes makes a probe of every node, which writes to its shard: the one that place
// says, since replicas migrate.
func probes(nodes []compose.Node, rec *record.Record, runID string, layout slots.Layout, pace time.Duration, place func(node string) int) []polled {
	var writes [][]byte // by shard: to a key in one of the shard's slots
	for shard := range layout.Shards() {
		for i := 0; ; i++ {
			key := fmt.Sprintf("%s:probe:%d", runID, i)
			if layout.Holds(shard, slots.Of(key)) {
				writes = append(writes, fmt.Appendf(nil, "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\n1\r\n", len(key), key))
				break
			}
		}
	}
	gap := max(record.ProbeGap, 10*record.InMillis(pace))
	var all []polled
	for _, n := range nodes {
		all = append(all, &probe{
			link:   newLink(n.Name),
			pace:   pace,
			writes: writes,
			row:    probeRow{rec: rec, node: n.Name, shard: n.Shard, gap: gap},
			place:  func() int { return place(n.Name) },
			buffer: make([]byte, 4<<10),
		})
	}
	return all
}

// tick implements polled.
func (p *probe) tick() (dial bool) {
	p.receive()
	now := time.Now()
	if len(p.waiting) > 0 && now.Sub(p.waiting[0]) > probePatience {
		// What was sent after it is stuck behind it. A new connection gets through
		// as soon as the node does, an old one only when TCP tries again.
		p.lose(answer{class: "timeout"})
	}
	if p.transport != nil && now.After(p.next) {
		p.next = now.Add(p.pace - p.pace/4) // ticks are not on time to the microsecond
		p.waiting = append(p.waiting, now)
		if shard := p.place(); shard != p.row.shard {
			p.row.end()
			p.row.shard = shard
		}
		if err := p.transport.send(p.writes[p.row.shard]); err != nil {
			p.lose(failure(err))
		}
	}
	return p.wanting(now)
}

// lose gives up the connection, and all writes that wait for an answer on it.
func (p *probe) lose(why answer) {
	p.drop()
	for _, sent := range p.waiting {
		p.row.add(why, sent, 0)
	}
	p.waiting, p.filled = p.waiting[:0], 0
}

// dialled implements polled.
func (p *probe) dialled(conn net.Conn, err error) {
	if err := p.take(conn, err); err != nil {
		p.row.add(failure(err), time.Now(), 0)
	}
}

// receive takes in the answers that have come.
func (p *probe) receive() {
	if p.transport == nil {
		return
	}
	n, at, err := p.transport.receive(p.buffer[p.filled:])
	if err != nil {
		if len(p.waiting) == 0 {
			p.row.add(failure(err), time.Now(), 0)
		}
		p.lose(failure(err))
		return
	}
	rest := p.buffer[:p.filled+n]
	for {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if !whole {
			break
		}
		rest = after
		a := p.parse(line)
		if a == noConnection {
			p.turnedAway(at)
			return
		}
		if len(p.waiting) > 0 {
			p.row.add(a, at, at.Sub(p.waiting[0]))
			p.waiting = append(p.waiting[:0], p.waiting[1:]...)
		}
	}
	p.filled = copy(p.buffer, rest)
	if p.filled == len(p.buffer) {
		p.lose(answer{class: "error"}) // no answer is as long as that
	}
}

// noConnection is what a node says to a connection that it has no room for (maxclients),
// and then closes it.
var noConnection = answer{class: "maxclients"}

// turnedAway takes in that a node has no room for the connection. It says so at once,
// maybe before anything was sent.
func (p *probe) turnedAway(at time.Time) {
	if len(p.waiting) == 0 {
		p.row.add(noConnection, at, 0)
	}
	p.lose(noConnection)
}

// parse is the answer that a line is. Nearly always it is the one before.
func (p *probe) parse(line []byte) answer {
	if string(line) != p.line {
		p.line = string(line)
		p.parsed = classify(strings.TrimRight(p.line, "\r"))
	}
	return p.parsed
}

// flush implements polled.
func (p *probe) flush(now record.Millis) { p.row.flush(now) }

// end implements polled. It records the row that is going on.
func (p *probe) end() {
	p.drop()
	p.row.end()
}

// answer is what a node said to a probe.
type answer struct{ class, to string }

// classify reads a reply to SET: +OK, or an error whose first word is its kind.
func classify(reply string) answer {
	if strings.HasPrefix(reply, "+") {
		return answer{class: record.ProbeAck}
	}
	words := strings.Fields(strings.TrimPrefix(reply, "-"))
	if len(words) == 0 {
		return answer{class: "error"}
	}
	if strings.HasPrefix(reply, "-ERR max number of clients ") {
		return noConnection
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
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return answer{class: "timeout"}
	default:
		return answer{class: "error"}
	}
}

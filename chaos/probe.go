package chaos

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// probePatience is how long a node may take to answer a probe.
	probePatience = 500 * time.Millisecond
	// answerPace is the time between two looks for answers that are due: answers
	// are timed no finer than that.
	answerPace = time.Millisecond
	// overdue is when an answer is no longer looked for between probes.
	overdue = 50 * time.Millisecond
	// redialPace is the time between two attempts to connect to a node that does
	// not answer them. Each attempt sends its own SYN, so that a node that comes
	// back is found after this time and not when TCP tries again.
	redialPace = 25 * time.Millisecond
	// maxDials is how many attempts may be under way at once.
	maxDials = int(probePatience / redialPace)
)

// prober sends a tiny write to every node at a fixed pace over a connection of
// its own, past any cluster client, and records what each node answers. It is an
// open loop: a probe is sent when its time has come, whether the ones before it
// are answered or not.
//
// One goroutine does all of it, on sockets that it polls itself: a wake-up for
// each answer would cost several times what sending and receiving do.
type prober struct {
	runtime compose.Runtime
	rec     *record.Record
	pace    time.Duration // between two probes of one node
	nodes   []*probed
	dials   chan dialled
	dialing int
}

// dialled is how an attempt to connect to a node has ended.
type dialled struct {
	node *probed
	conn net.Conn
	err  error
}

func newProber(r compose.Runtime, rec *record.Record, runID string, masters int, pace time.Duration) *prober {
	p := &prober{runtime: r, rec: rec, pace: pace, dials: make(chan dialled)}
	gap := max(record.ProbeGapMS, 10*float64(pace)/float64(time.Millisecond))
	var keys []string // by shard: a key in one of the shard's slots
	for shard := range masters {
		share := slots.Share(shard, masters)
		for i := 0; ; i++ {
			key := fmt.Sprintf("%s:probe:%d", runID, i)
			if share.Holds(slots.Of(key)) {
				keys = append(keys, key)
				break
			}
		}
	}
	for _, n := range r.Nodes() {
		key := keys[n.Shard]
		p.nodes = append(p.nodes, &probed{
			addr:  n.Addr,
			probe: []byte(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\n1\r\n", len(key), key)),
			row:   probeRow{rec: rec, node: n.Name, shard: n.Shard, gapMS: gap},
		})
	}
	return p
}

// run probes until ctx ends.
func (p *prober) run(ctx context.Context) {
	due := time.Now()
	for ctx.Err() == nil {
		p.sendAll(ctx)
		// Probes that this program is too late for are not made up for.
		due = due.Add(max(p.pace, time.Since(due).Truncate(p.pace)))
		for p.receiveAll() && time.Until(due) > answerPace && sleep(ctx, answerPace) {
		}
		p.await(ctx, due)
		if late := time.Since(due); late > overdue {
			p.rec.Add(&record.Starved{ForMS: float64(late.Microseconds()) / 1000})
		}
	}
	for _, n := range p.nodes {
		n.end()
	}
	for ; p.dialing > 0; p.dialing-- {
		if d := <-p.dials; d.conn != nil {
			d.conn.Close()
		}
	}
}

// await takes in dialled connections until a moment, or until ctx ends.
func (p *prober) await(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case d := <-p.dials:
			p.dialing--
			d.node.dialled(d.conn, d.err)
		}
	}
}

// sendAll sends a probe to every node, and dials those that it has no connection to.
func (p *prober) sendAll(ctx context.Context) {
	for _, n := range p.nodes {
		if !n.send() {
			continue
		}
		p.dialing++
		go func() {
			dial, cancel := context.WithTimeout(ctx, probePatience)
			defer cancel()
			conn, err := p.runtime.Dial(dial, "tcp", n.addr)
			p.dials <- dialled{n, conn, err}
		}()
	}
}

// receiveAll takes in the answers that are there. True: more are due.
func (p *prober) receiveAll() (due bool) {
	for _, n := range p.nodes {
		if n.receive() {
			due = true
		}
	}
	return due
}

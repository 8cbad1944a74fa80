package chaos

import (
	"context"
	"net"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// starved is how late a tick must be to be recorded.
const starved = 50 * time.Millisecond

// polled is something that talks to a node over a connection that it polls.
type polled interface {
	// tick takes in what has come, and sends what is due. True asks for a connection.
	tick() (dial bool)
	// dialled takes in how an attempt to connect has ended.
	dialled(conn net.Conn, err error)
	address() string
	// end gives the connection up.
	end()
}

// poller looks after many connections in one goroutine that wakes up at a fixed
// pace. A goroutine for each, woken by each answer, would cost several times what
// sending and receiving do. What the kernel receives meanwhile it stamps with the
// time, so nothing is lost by looking late.
type poller struct {
	runtime compose.Runtime
	rec     *record.Record
	pace    time.Duration
	all     []polled
	dials   chan dialled
	dialing int
}

// dialled is how an attempt to connect has ended.
type dialled struct {
	to   polled
	conn net.Conn
	err  error
}

func newPoller(r compose.Runtime, rec *record.Record, pace time.Duration, all []polled) *poller {
	return &poller{runtime: r, rec: rec, pace: pace, all: all, dials: make(chan dialled)}
}

// run polls until ctx ends.
func (p *poller) run(ctx context.Context) {
	due := time.Now()
	for ctx.Err() == nil {
		for _, each := range p.all {
			if each.tick() {
				p.dial(ctx, each)
			}
		}
		// Ticks that this program is too late for are not made up for.
		due = due.Add(max(p.pace, time.Since(due).Truncate(p.pace)))
		p.await(ctx, due)
		if late := time.Since(due); late > starved {
			p.rec.Add(&record.Starved{ForMS: float64(late.Microseconds()) / 1000})
		}
	}
	for _, each := range p.all {
		each.end()
	}
	for ; p.dialing > 0; p.dialing-- {
		if d := <-p.dials; d.conn != nil {
			d.conn.Close()
		}
	}
}

// await takes in dialled connections until a moment, or until ctx ends.
func (p *poller) await(ctx context.Context, until time.Time) {
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
			d.to.dialled(d.conn, d.err)
		}
	}
}

// dial makes one attempt to connect.
func (p *poller) dial(ctx context.Context, to polled) {
	p.dialing++
	go func() {
		dial, cancel := context.WithTimeout(ctx, dialPatience)
		defer cancel()
		conn, err := p.runtime.Dial(dial, "tcp", to.address())
		p.dials <- dialled{to, conn, err}
	}()
}

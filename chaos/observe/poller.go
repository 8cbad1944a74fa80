package observe

import (
	"context"
	"net"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

const (
	// starved is how late a tick must be to be recorded.
	starved = 50 * time.Millisecond
	// flushPace is how often the record is told all that is known.
	flushPace = time.Second
)

// polled is something that talks to a node over a connection that it polls.
type polled interface {
	// tick takes in what has come, and sends what is due. True asks for a connection.
	tick() (dial bool)
	// dialled takes in how an attempt to connect has ended.
	dialled(conn net.Conn, err error)
	node() string
	// attempts is what all attempts to connect have in common.
	attempts() compose.Attempts
	// flush has the record tell all that is known by now (ms).
	flush(now record.Millis)
	// end gives the connection up.
	end()
}

// poller looks after many connections in one goroutine that wakes up at a fixed
// pace. A goroutine for each, woken by each answer, would cost several times what
// sending and receiving do. What the kernel receives meanwhile it stamps with the
// time, so nothing is lost by looking late.
type poller struct {
	cluster compose.Cluster
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

func newPoller(r compose.Cluster, rec *record.Record, pace time.Duration, all []polled) *poller {
	return &poller{cluster: r, rec: rec, pace: pace, all: all, dials: make(chan dialled)}
}

// run polls until ctx ends. It is to be called once.
func (p *poller) run(ctx context.Context) {
	alarm := alarm.New(ctx)
	defer alarm.Close()
	last := time.Now()
	due, flushed := last, last
	for ctx.Err() == nil {
		for _, each := range p.all {
			if each.tick() {
				p.dial(ctx, each)
			}
		}
		due = due.Add(p.pace)
		alarm.Sleep(time.Until(due))
		now := time.Now()
		if now.Sub(due) > p.pace { // what was missed is not made up for
			due = now
		}
		if late := now.Sub(last) - p.pace; late > starved {
			p.rec.Add(&record.Starved{For: record.Millis(float64(late.Microseconds()) / 1000)})
		}
		last = now
		if ctx.Err() == nil { // else attempts fail because of that
			p.takeDials()
		}
		if now.Sub(flushed) >= flushPace {
			flushed = now
			p.flush()
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

// flush has the record tell all that is known, and then that it does.
func (p *poller) flush() {
	now := p.rec.Now()
	for _, each := range p.all {
		each.flush(now)
	}
	p.rec.AddAt(now, &record.Probing{})
}

// takeDials takes in the attempts to connect that have ended.
func (p *poller) takeDials() {
	for p.dialing > 0 {
		select {
		case d := <-p.dials:
			p.dialing--
			d.to.dialled(d.conn, d.err)
		default:
			return
		}
	}
}

// dial makes one attempt to connect.
func (p *poller) dial(ctx context.Context, to polled) {
	p.dialing++
	go func() {
		dial, cancel := context.WithTimeout(to.attempts().Within(ctx), dialPatience+enterPatience)
		defer cancel()
		conn, err := p.cluster.Dial(dial, "tcp", compose.Address(p.cluster, to.node()))
		p.dials <- dialled{to, conn, err}
	}()
}

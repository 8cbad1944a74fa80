package drive

import (
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Client is one of a workload's concurrent clients. All of it but what its ledger
// counts belongs to one goroutine at a time.
type Client struct {
	ID     int
	Writes history.History
	ledger books.Ledger
	turn   turn
	// waited counts writes by what WAIT or WAITAOF told; nil without.
	waited map[copies]int64
	// reads is how many there were.
	reads uint32
}

// note enters the outcome of the client's next write, now that it is known.
func (c *Client) note(o history.Outcome, ms record.Millis) {
	c.Writes.Add(o, ms)
	c.ledger.Count(o)
}

// turn is what a client sends at a time: as many writes as its pipeline is deep.
// The next turn begins when all of them have ended.
type turn struct {
	flights []flight
	all     []*flight // the same
	cmds    []*Command
	// begin is when the turn was due, called when it was sent, and end when the
	// last of its writes ended, on the run's clock.
	begin, called, end record.Millis
	acked              bool // all of them

	occupation *books.Occupation // the workload's
	unanswered *books.Unanswered // nil for one write at a time
	// pending counts writes that have not ended, and over is sent to when none is
	// left, by whoever looks after writes that share a lane.
	pending atomic.Int32
	over    chan struct{}
}

// flight is one write of a turn.
type flight struct {
	client     *Client
	key, shard int
	write      Write
	cmd        Command
	text       []byte // the value

	outcome history.Outcome
	end     record.Millis
}

// wait notes which shard the client waits for with its next turn, if it is one.
func (t *turn) wait(client int) {
	u := t.unanswered
	if u == nil {
		t.occupation.Enter(client, t.flights[0].shard, t.called)
		return
	}
	u.Reset()
	for i := range t.flights {
		u.Add(t.flights[i].shard)
	}
	u.Begin(t.called)
}

package drive

import (
	"context"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
)

// AddPart has the clients take turns at another load as well. What its commands meet counts
// for this one. Reads of it are judged by what it gives for freshness, which may be nil.
func (load *Load) AddPart(of *Load, k Sender, fresh Freshness) {
	of.acks, of.occupation, of.Spec.Name = load.acks, load.occupation, load.Spec.Name
	load.parts = append(load.parts, &part{Load: of, sender: k, fresh: fresh})
}

// HasParts tells whether its clients take turns at other loads.
func (load *Load) HasParts() bool { return len(load.parts) > 0 }

// SendParts has a client take turns at the parts of the load, each at the one that pick
// says, of those that can be read if the turn is a read.
func (load *Load) SendParts(ctx, sending context.Context, s *Session, c *Client, pick func(read bool) int) {
	c.ledger.Shards = make([]books.ShardTally, load.Target.Shards())
	for _, p := range load.parts {
		p.ready(&p.Clients[c.ID])
	}
	// Its own history is empty; each part's is shorter than all turns together.
	load.takeTurns(ctx, s, &c.Writes, func(begin, called record.Millis, timed bool) (end record.Millis, acked bool) {
		if s.reads.readTurn() {
			i := pick(true)
			return s.parts[i].read(sending, &load.parts[i].Clients[c.ID], begin), true
		}
		i := pick(false)
		p := load.parts[i]
		as := &p.Clients[c.ID]
		p.prepare(p.sender, as, begin, called)
		s.send(sending, &as.turn)
		p.settle(&c.ledger, as.turn.all, timed)
		p.note(as)
		s.parts[i].wrote(as)
		return as.turn.end, as.turn.acked
	})
}

package workload

import "context"

// part is another load that the clients of one take turns at. It does not run by itself.
type part struct {
	*Load
	sender sender
	fresh  freshness // nil if a read of it cannot be judged
	reads  *readBook // nil if it is not read
}

// addPart has the clients take turns at another load as well. What its commands meet counts
// for this one. Reads of it are judged by what it gives for freshness, which may be nil.
func (load *Load) addPart(of *Load, k sender, fresh freshness) {
	of.acks, of.occupation, of.spec.Name = load.acks, load.occupation, load.spec.Name
	load.parts = append(load.parts, &part{Load: of, sender: k, fresh: fresh})
}

// sendParts has a client take turns at the parts of the load, each at the one that pick
// says, of those that can be read if the turn is a read.
func (load *Load) sendParts(ctx, sending context.Context, s *session, c *client, pick func(read bool) int) {
	c.shards = make([]shardTally, load.target.Shards())
	for _, p := range load.parts {
		p.ready(&p.clients[c.id])
	}
	// Its own history is empty; each part's is shorter than all turns together.
	load.takeTurns(ctx, s, &c.writes, func(begin, called float64, timed bool) (endMS float64, acked bool) {
		if s.reads.readTurn() {
			p := load.parts[pick(true)]
			return p.reads.read(sending, &p.clients[c.id], begin), true
		}
		p := load.parts[pick(false)]
		as := &p.clients[c.id]
		p.prepare(p.sender, as, begin, called)
		s.send(sending, &as.turn)
		p.settle(&c.ledger, as.turn.all, timed)
		p.note(as)
		p.reads.wrote(as)
		return as.turn.endMS, as.turn.acked
	})
}

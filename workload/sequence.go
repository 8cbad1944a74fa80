package workload

import "github.com/redis-chaos/redis-chaos/report/record"

// sequenceChecker compares keys that hold what was written in the order in
// which it was applied, as often as it was applied. Next to lost writes it
// finds the duplicated ones and those out of order.
//
// What a key holds counts once it has been read to its end. Of a key that is being
// read no more is remembered than who wrote what last, however long it is; should the
// reading break off, what it has marked as present is taken back.
type sequenceChecker struct {
	presence
	depth uint32            // of a client's pipeline
	open  map[int]*sequence // by key, those that were begun and not read to their end

	duplicated, outOfOrder, foreign int64
}

// sequence is what was found in a key so far.
type sequence struct {
	newest                          map[uint32]uint32 // pipeline, by client
	duplicated, outOfOrder, foreign int64
}

func newSequenceChecker(s spread, size sizes, depth int, clients []history, shardOf []int) *sequenceChecker {
	return &sequenceChecker{presence: newPresence(s, size, clients, shardOf), depth: uint32(max(depth, 1)), open: map[int]*sequence{}}
}

func (c *sequenceChecker) begin(key int) {
	if c.open[key] != nil {
		c.takeBack(key)
	}
	c.open[key] = &sequence{newest: map[uint32]uint32{}}
}

// takeBack has no write to a key be present.
func (c *sequenceChecker) takeBack(key int) {
	for client := range c.clients {
		for n := range c.clients[client].len() {
			if c.keyOf(client, n) == key {
				c.present[client].clear(n)
			}
		}
	}
}

func (c *sequenceChecker) see(key int, value string) {
	s := c.open[key]
	id, ok := c.identify(key, value)
	switch {
	case !ok:
		s.foreign++
		return
	case c.present[id.client].has(id.n):
		// Where a duplicate stands says nothing of the order.
		s.duplicated++
		return
	}
	c.present[id.client].set(id.n)
	// A client sends a pipeline once the one before is over, but an attempt that
	// nobody answered may be applied at any time, and so takes no part.
	if o, _ := c.clients[id.client].at(id.n); o != acked {
		return
	}
	turn := id.n / c.depth
	if later, seen := s.newest[id.client]; seen && turn < later {
		s.outOfOrder++
		return
	}
	s.newest[id.client] = turn
}

func (c *sequenceChecker) end(key int) {
	s := c.open[key]
	delete(c.open, key)
	c.duplicated += s.duplicated
	c.outOfOrder += s.outOfOrder
	c.foreign += s.foreign
}

func (c *sequenceChecker) verdict() *record.Verified {
	duplicated, outOfOrder := c.duplicated, c.outOfOrder
	t := tally{Verified: record.Verified{Foreign: c.foreign, Duplicated: &duplicated, OutOfOrder: &outOfOrder}}
	c.count(&t)
	return t.verdict()
}

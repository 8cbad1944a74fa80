package workload

import "github.com/redis-chaos/redis-chaos/report/record"

// sequenceChecker compares keys that hold what was written in the order in
// which it was applied, as often as it was applied. Next to lost writes it
// finds the duplicated ones and those out of order.
//
// What a key holds counts once it has been read to its end. Until then, eight
// bytes are remembered of each value.
type sequenceChecker struct {
	presence
	depth uint32            // of a client's pipeline
	open  map[int]*sequence // by key, those being read

	duplicated, outOfOrder, foreign int64
}

// sequence is what was read of a key.
type sequence struct {
	found   []writeID
	foreign int64
}

func newSequenceChecker(s spread, size sizes, depth int, clients []history, shardOf []int) *sequenceChecker {
	return &sequenceChecker{presence: newPresence(s, size, clients, shardOf), depth: uint32(max(depth, 1)), open: map[int]*sequence{}}
}

func (c *sequenceChecker) begin(key int) { c.open[key] = &sequence{} }

func (c *sequenceChecker) see(key int, value string) {
	s := c.open[key]
	if id, ok := c.identify(key, value); ok {
		s.found = append(s.found, id)
		return
	}
	s.foreign++
}

func (c *sequenceChecker) end(key int) {
	s := c.open[key]
	delete(c.open, key)
	c.foreign += s.foreign
	newest := map[uint32]uint32{} // pipeline, by client
	for _, id := range s.found {
		if c.present[id.client].has(id.n) {
			// Where a duplicate stands says nothing of the order.
			c.duplicated++
			continue
		}
		c.present[id.client].set(id.n)
		// A client sends a pipeline once the one before is over, but an attempt that
		// nobody answered may be applied at any time, and so takes no part.
		if o, _ := c.clients[id.client].at(id.n); o != acked {
			continue
		}
		turn := id.n / c.depth
		if later, seen := newest[id.client]; seen && turn < later {
			c.outOfOrder++
			continue
		}
		newest[id.client] = turn
	}
}

func (c *sequenceChecker) verdict() *record.Verified {
	duplicated, outOfOrder := c.duplicated, c.outOfOrder
	t := tally{Verified: record.Verified{Foreign: c.foreign, Duplicated: &duplicated, OutOfOrder: &outOfOrder}}
	c.count(&t)
	return t.verdict()
}

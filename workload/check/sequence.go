package check

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Sequence compares keys that hold what was written in the order in
// which it was applied, as often as it was applied. Next to lost writes it
// finds the duplicated ones and those out of order.
//
// What a key holds counts once it has been read to its end. Of a key that is being
// read no more is remembered than who wrote what last, however long it is; should the
// reading break off, what it has marked as present is taken back.
type Sequence struct {
	presence
	depth uint32         // of a client's pipeline
	open  map[int]*found // by key, those that were begun and not read to their end

	duplicated, outOfOrder, foreign int64
}

// found is what was found in a key so far.
type found struct {
	newest                          map[uint32]uint32 // pipeline, by client
	duplicated, outOfOrder, foreign int64
}

func NewSequence(s keyspace.Spread, size keyspace.Sizes, depth int, clients []history.History, shardOf []int) *Sequence {
	return &Sequence{presence: newPresence(s, size, clients, shardOf), depth: uint32(max(depth, 1)), open: map[int]*found{}}
}

func (c *Sequence) Begin(key int) {
	if c.open[key] != nil {
		c.takeBack(key)
	}
	c.open[key] = &found{newest: map[uint32]uint32{}}
}

// takeBack has no write to a key be present.
func (c *Sequence) takeBack(key int) {
	for client := range c.clients {
		for n := range c.clients[client].Len() {
			if c.KeyOf(client, n) == key {
				c.present[client].clear(n)
			}
		}
	}
}

func (c *Sequence) See(key int, value string) {
	s := c.open[key]
	id, ok := c.identify(key, value)
	switch {
	case !ok:
		s.foreign++
		return
	case c.present[id.Client].has(id.N):
		// Where a duplicate stands says nothing of the order.
		s.duplicated++
		return
	}
	c.present[id.Client].set(id.N)
	// A client sends a pipeline once the one before is over, but an attempt that
	// nobody answered may be applied at any time, and so takes no part.
	if o, _ := c.clients[id.Client].At(id.N); o != history.Acked {
		return
	}
	turn := id.N / c.depth
	if later, seen := s.newest[id.Client]; seen && turn < later {
		s.outOfOrder++
		return
	}
	s.newest[id.Client] = turn
}

func (c *Sequence) End(key int) {
	s := c.open[key]
	delete(c.open, key)
	c.duplicated += s.duplicated
	c.outOfOrder += s.outOfOrder
	c.foreign += s.foreign
}

func (c *Sequence) Verdict() *record.Verified {
	duplicated, outOfOrder := c.duplicated, c.outOfOrder
	t := tally{Verified: record.Verified{Foreign: c.foreign, Duplicated: &duplicated, OutOfOrder: &outOfOrder}}
	c.count(&t)
	return t.verdict()
}

package check

import (
	"hash/maphash"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Set finds acked elements that are in no set.
type Set struct {
	presence
	unordered

	// foreign holds hashes, as a scan may return an element twice.
	foreign map[uint64]struct{}
	hash    maphash.Seed
}

func NewSet(s keyspace.Spread, size keyspace.Sizes, clients []history.History, shardOf []int) *Set {
	return &Set{
		presence: newPresence(s, size, clients, shardOf),
		foreign:  map[uint64]struct{}{}, hash: maphash.MakeSeed(),
	}
}

func (c *Set) See(key int, value string) {
	if id, ok := c.identify(key, value); ok {
		c.present[id.Client].set(id.N)
		return
	}
	type element struct {
		key   int
		value string
	}
	c.foreign[maphash.Comparable(c.hash, element{key, value})] = struct{}{}
}

func (c *Set) Verdict() *record.Verified {
	t := tally{Verified: record.Verified{Foreign: int64(len(c.foreign))}}
	c.count(&t)
	return t.verdict()
}

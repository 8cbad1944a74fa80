package workload

import (
	"hash/maphash"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// setChecker finds acked elements that are in no set.
type setChecker struct {
	presence
	unordered

	// foreign holds hashes, as a scan may return an element twice.
	foreign map[uint64]struct{}
	hash    maphash.Seed
}

func newSetChecker(s spread, size sizes, clients []history, shardOf []int) *setChecker {
	return &setChecker{
		presence: newPresence(s, size, clients, shardOf),
		foreign:  map[uint64]struct{}{}, hash: maphash.MakeSeed(),
	}
}

func (c *setChecker) see(key int, value string) {
	if id, ok := c.identify(key, value); ok {
		c.present[id.client].set(id.n)
		return
	}
	type element struct {
		key   int
		value string
	}
	c.foreign[maphash.Comparable(c.hash, element{key, value})] = struct{}{}
}

func (c *setChecker) verdict() *record.Verified {
	t := tally{Verified: record.Verified{Foreign: int64(len(c.foreign))}}
	c.count(&t)
	return t.verdict()
}

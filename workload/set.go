package workload

import (
	"context"
	"hash/maphash"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// set adds elements to sets. Every write adds an element of its own and none
// is ever removed, so each acked write can be looked for by itself: what a
// set counts as lost is exact. To add an element again changes nothing, so
// that duplicates leave no trace.
type set struct {
	spread
	sizes // of elements, in bytes
}

var _ writer = set{}

func newSet(spec scenarios.Workload, seed int64) set {
	return set{spread: newSpread(spec, seed), sizes: sizesOf(spec)}
}

func (s set) command(ctx context.Context, key string, v *write) redis.Cmder {
	return redis.NewIntCmd(ctx, "sadd", key, v)
}

func (s set) source() source { return scan{newPages(s.most)} }

func (s set) checker(clients []history, shardOf []int) checker {
	return newSetChecker(s.spread, s.sizes, clients, shardOf)
}

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

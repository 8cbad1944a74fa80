package workload

import (
	"context"

	"github.com/redis/go-redis/v9"

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

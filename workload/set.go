package workload

import (
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// set adds elements to sets. Every write adds an element of its own and none
// is ever removed, so each acked write can be looked for by itself: what a
// set counts as lost is exact. To add an element again changes nothing, so
// that duplicates leave no trace.
type set struct {
	keyspace.Spread
	keyspace.Sizes // of elements, in bytes
}

var _ writer = set{}

func newSet(spec scenarios.Workload, seed int64) set {
	return set{Spread: keyspace.NewSpread(spec, seed), Sizes: keyspace.SizesOf(spec)}
}

func (s set) command(args []any, key string, v *write) []any {
	return append(args, "sadd", key, v)
}

func (s set) source() source { return scan{newPages(s.Most)} }

func (s set) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSet(s.Spread, s.Sizes, clients, shardOf)
}

// scan reads sets, a page at a time.
type scan struct{ pages }

var _ source = scan{}

func (s scan) ask(key string, at cursor) *Command {
	return newCommand("sscan", key, at.lo, "count", s.page)
}

func (s scan) answer(reply any, _ cursor) ([]string, cursor, error) { return scanned(reply) }

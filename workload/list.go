package workload

import (
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// list appends elements to lists. Every write appends an element of its own,
// and one that is applied twice is there twice: what a list counts as lost, as
// duplicated and as out of order is exact.
type list struct {
	keyspace.Spread
	depth          int // of a client's pipeline
	keyspace.Sizes     // of an element, in bytes
}

var _ writer = list{}

func newList(spec scenarios.Workload, seed int64) list {
	return list{Spread: keyspace.NewSpread(spec, seed), depth: spec.Pipeline, Sizes: keyspace.SizesOf(spec)}
}

func (l list) command(args []any, key string, v *write) []any {
	return append(args, "rpush", key, v)
}

func (l list) source() source { return listRange{newPages(l.Most)} }

func (l list) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSequence(l.Spread, l.Sizes, l.depth, clients, shardOf)
}

// listRange reads lists, a page at a time. Its cursor is an index.
type listRange struct{ pages }

var _ source = listRange{}

func (l listRange) ask(key string, at cursor) *Command {
	return newCommand("lrange", key, at.lo, int64(at.lo)+l.page-1)
}

func (l listRange) answer(reply any, at cursor) ([]string, cursor, error) {
	values, err := stringsIn(reply)
	if err != nil || int64(len(values)) < l.page {
		return values, cursor{}, err
	}
	return values, cursor{lo: at.lo + uint64(len(values))}, nil
}

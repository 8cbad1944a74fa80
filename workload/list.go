package workload

import (
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// listSettings are those of a workload of type list: none of its own.
//
// Writes: `RPUSH` of an element that no other write appends. Lost: exactly the acked elements that
// are missing.
type listSettings struct{}

func (kinds) List() settings { return &listSettings{} }

// Traits implements scenarios.WorkloadSpec.
func (*listSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss, trait.CountsDuplicates, trait.ChecksOrder}
}

// Commands implements scenarios.Commander.
func (*listSettings) Commands() []string { return []string{"RPUSH", "LRANGE"} }

// Footprint implements scenarios.Sized.
func (*listSettings) Footprint(_ scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: writes, Grows: true}
}

func (*listSettings) plan(w *Workload, seed int64) (kind, error) {
	return values{newList(w.Spec, seed)}, nil
}

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

func (l list) Command(args []any, key any, v *drive.Write) []any {
	return append(args, "rpush", key, v)
}

func (l list) source() drive.Source { return listRange{newPages(l.Most)} }

func (l list) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSequence(l.Spread, l.Sizes, l.depth, clients, shardOf)
}

// listRange reads lists, a page at a time. Its cursor is an index.
type listRange struct{ pages }

var _ drive.Source = listRange{}

func (l listRange) Ask(key string, at drive.Cursor) *drive.Command {
	return drive.NewCommand("lrange", key, at.Lo, int64(at.Lo)+l.page-1)
}

func (l listRange) Answer(reply any, at drive.Cursor) ([]string, drive.Cursor, error) {
	values, err := stringsIn(reply)
	if err != nil || int64(len(values)) < l.page {
		return values, drive.Cursor{}, err
	}
	return values, drive.Cursor{Lo: at.Lo + uint64(len(values))}, nil
}

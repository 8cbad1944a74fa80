package workload

import (
	"strconv"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// zsetSettings are those of a workload of type zset: none of its own.
//
// Writes: `ZADD` of a member that no other write adds. Lost: exactly the acked members that are
// missing, or have another score than they were given.
type zsetSettings struct{}

func (kinds) Zset() settings { return &zsetSettings{} }

// Traits implements scenarios.WorkloadSpec.
func (*zsetSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss}
}

// Commands implements scenarios.Commander.
func (*zsetSettings) Commands() []string { return []string{"ZADD", "ZSCAN"} }

// Footprint implements scenarios.Sized.
func (*zsetSettings) Footprint(_ scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: writes, Grows: true}
}

func (*zsetSettings) plan(w *Workload, seed int64) (kind, error) {
	return values{zset{keyspace.NewSpread(w.Spec, seed), keyspace.SizesOf(w.Spec)}}, nil
}

// zset adds members to sorted sets, all of one score. Every write adds a member of its own,
// so that what a sorted set counts as lost is exact. To add a member again changes nothing,
// so that duplicates leave no trace.
type zset struct {
	keyspace.Spread
	keyspace.Sizes // of members, in bytes
}

var _ writer = zset{}

// score is that of all members.
const score = "0"

func (z zset) Command(args []any, key any, v *drive.Write) []any {
	return append(args, "zadd", key, score, v)
}

func (z zset) source() drive.Source { return zsetScan{newPages(z.Most)} }

func (z zset) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSet(z.Spread, z.Sizes, clients, shardOf)
}

// zsetScan reads sorted sets, a page at a time.
type zsetScan struct{ pages }

var _ drive.Source = zsetScan{}

func (s zsetScan) Ask(key string, at drive.Cursor) *drive.Command {
	return drive.NewCommand("zscan", key, at.Lo, "count", s.page)
}

// Answer gives the members, and of those with another score a text that is no value.
func (s zsetScan) Answer(reply any, _ drive.Cursor) ([]string, drive.Cursor, error) {
	pairs, next, err := scanned(reply)
	members := make([]string, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		member := pairs[i]
		if pairs[i+1] != score {
			member = strconv.Quote(member) + pairs[i+1]
		}
		members = append(members, member)
	}
	return members, next, err
}

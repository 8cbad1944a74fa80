package workload

import (
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// setSettings are those of a workload of type set: none of its own.
//
// Writes: `SADD` of an element that no other write adds. Lost: exactly the acked elements that are
// missing.
type setSettings struct{}

func (kinds) Set() settings { return &setSettings{} }

// Traits implements scenarios.WorkloadSpec.
func (*setSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss}
}

// Commands implements scenarios.Commander.
func (*setSettings) Commands() []string { return []string{"SADD", "SSCAN"} }

// Footprint implements scenarios.Sized.
func (*setSettings) Footprint(_ scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: writes, Grows: true}
}

func (*setSettings) plan(w *Workload, seed int64) (kind, error) {
	return values{newSet(w.Spec, seed)}, nil
}

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

func (s set) Command(args []any, key any, v *drive.Write) []any {
	return append(args, "sadd", key, v)
}

func (s set) source() drive.Source { return scan{newPages(s.Most)} }

func (s set) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSet(s.Spread, s.Sizes, clients, shardOf)
}

// scan reads sets, a page at a time.
type scan struct{ pages }

var _ drive.Source = scan{}

func (s scan) Ask(key string, at drive.Cursor) *drive.Command {
	return drive.NewCommand("sscan", key, at.Lo, "count", s.page)
}

func (s scan) Answer(reply any, _ drive.Cursor) ([]string, drive.Cursor, error) {
	return scanned(reply)
}

package workload

import (
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// counterSettings are those of a workload of type counter.
//
// Writes: `INCRBY` by one, many writers a key. Lost: by how much a number is below the acked
// increments: a lower bound, because increments that nobody answered make up for lost ones.
type counterSettings struct {
	reads `yaml:",inline"`
}

func (kinds) Counter() settings { return &counterSettings{} }

// Traits implements scenarios.WorkloadSpec.
func (*counterSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.CountsDuplicates, trait.Reads}
}

// Commands implements scenarios.Commander.
func (s *counterSettings) Commands() []string {
	return append([]string{"INCRBY", "GET"}, s.commands()...)
}

// Check implements scenarios.Checked.
func (s *counterSettings) Check(c scenarios.WorkloadContext) error { return s.check(c) }

// Footprint implements scenarios.Sized.
func (*counterSettings) Footprint(w scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: min(float64(w.Keys), writes), Small: true}
}

func (*counterSettings) plan(w *Workload, seed int64) (kind, error) {
	return values{newCounter(w.Spec, seed)}, nil
}

// counter adds one to numbers, any number of clients to each. No write leaves
// anything of its own, so that only sums can be compared: if every write were
// applied at most once, the number in a key would be at least its acked writes,
// and at most those and the indeterminate ones.
//
// What it counts as lost and as duplicated is by how much a number is out of
// these bounds. Both are lower bounds themselves: an indeterminate write that
// was applied, or a duplicate, makes up for a lost one. A write of somebody
// else's cannot be told from a duplicate. Nor can it be told which of a key's
// writes are lost, and so not when they were acked.
type counter struct {
	keyspace.Spread
}

var _ writer = counter{}

func newCounter(spec scenarios.Workload, seed int64) counter {
	return counter{Spread: keyspace.NewSpread(spec, seed)}
}

// Command sends INCRBY, and not INCR, because it needs the write for an
// argument to see its attempts.
func (c counter) Command(args []any, key any, v *drive.Write) []any {
	return append(args, "incrby", key, v)
}

// AppendValue is one, whatever the write.
func (counter) AppendValue(b []byte, _ int, _ uint32) []byte { return append(b, '1') }

func (c counter) source() drive.Source { return get{size: 20} }

func (c counter) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewCounter(c.Spread, clients, shardOf)
}

package workload

import (
	"bytes"
	"encoding"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// hashSettings are those of a workload of type hash: none of its own.
//
// Writes: `HSET` of a field that no other write sets. Lost: exactly the acked fields that are
// missing, or hold another value than they were given.
type hashSettings struct{}

func (kinds) Hash() settings { return &hashSettings{} }

// Traits implements scenarios.WorkloadSpec.
func (*hashSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss}
}

// Commands implements scenarios.Commander.
func (*hashSettings) Commands() []string { return []string{"HSET", "HSCAN"} }

// Footprint implements scenarios.Sized.
func (*hashSettings) Footprint(_ scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: writes, Grows: true}
}

func (*hashSettings) plan(w *Workload, seed int64) (kind, error) {
	return values{newHash(w.Spec, seed)}, nil
}

// hash sets fields of hashes. Every write sets a field of its own, named by
// the write, to a value that names it as well: what a hash counts as lost is
// exact, and a field with another value than it was given is lost, and foreign.
// To set a field again changes nothing, so that duplicates leave no trace.
type hash struct {
	keyspace.Spread
	keyspace.Sizes // of a value, in bytes
}

var _ writer = hash{}

func newHash(spec scenarios.Workload, seed int64) hash {
	return hash{Spread: keyspace.NewSpread(spec, seed), Sizes: keyspace.SizesOf(spec)}
}

func (h hash) Command(args []any, key any, v *drive.Write) []any {
	return append(args, "hset", key, fieldOf{v}, v)
}

func (h hash) source() drive.Source { return hashScan{newPages(h.Most)} }

func (h hash) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSet(h.Spread, h.Sizes, clients, shardOf)
}

// fieldOf is a write as the name of a field: its value without the filler.
type fieldOf struct{ write *drive.Write }

var _ encoding.BinaryMarshaler = fieldOf{}

// MarshalBinary gives the name. It is called just before the write's own.
func (f fieldOf) MarshalBinary() ([]byte, error) {
	return bytes.TrimRight(f.write.Text(), string(keyspace.Filler)), nil
}

// hashScan reads hashes, a page at a time.
type hashScan struct{ pages }

var _ drive.Source = hashScan{}

func (s hashScan) Ask(key string, at drive.Cursor) *drive.Command {
	return drive.NewCommand("hscan", key, at.Lo, "count", s.page)
}

func (s hashScan) Answer(reply any, _ drive.Cursor) ([]string, drive.Cursor, error) {
	pairs, next, err := scanned(reply)
	values := make([]string, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		values = append(values, pairValue(pairs[i], pairs[i+1]))
	}
	return values, next, err
}

// pairValue is the value of a field that goes with it. For any other pair it is
// a text that tells the pair from all others, and that no write stands for.
func pairValue(field, value string) string {
	if strings.TrimRight(value, string(keyspace.Filler)) == field {
		return value
	}
	return strconv.Quote(field) + strconv.Quote(value)
}

package workload

import (
	"errors"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// registerSettings are those of a workload of type register.
//
// Writes: `SET` of ever higher numbers, one writer a key. Lost: acked numbers above the one that
// the key holds: a lower bound, because a lost write that was overwritten leaves no trace.
type registerSettings struct {
	// TTL is how long a value lasts; 0: for ever.
	TTL   units.Duration `yaml:"ttl,omitempty" elsewhere:"of a {type} that is gone it cannot be told what it held"`
	reads `yaml:",inline"`
}

func (kinds) Register() settings { return &registerSettings{} }

const minTTL, maxTTL = units.Duration(time.Millisecond), units.Duration(24 * time.Hour)

// Traits implements scenarios.WorkloadSpec.
func (*registerSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Pipelines, trait.CountsLoss, trait.DatesLoss, trait.Reads}
}

// Lasts implements scenarios.Expiring.
func (s *registerSettings) Lasts() units.Duration { return s.TTL }

// Commands implements scenarios.Commander.
func (s *registerSettings) Commands() []string {
	all := append([]string{"SET", "GET"}, s.commands()...)
	if s.TTL > 0 {
		all = append(all, "PSETEX")
	}
	return all
}

// Replayed implements scenarios.Replayed.
func (s *registerSettings) Replayed() []string {
	if s.TTL > 0 {
		return []string{"DEL"}
	}
	return nil
}

// Check implements scenarios.Checked. A register has one writer, or its history could not be
// put in order.
func (s *registerSettings) Check(c scenarios.WorkloadContext) error {
	var ttl, keys error
	if c.Given("ttl") {
		ttl = scenarios.InRange("ttl", s.TTL, minTTL, maxTTL, "")
	}
	w := c.Workload
	if depth := max(w.Pipeline, 1); w.Keys < w.Clients*depth {
		culprit, each := "", ""
		for _, key := range []string{"pipeline", "clients", "keys"} {
			if c.Given(key) {
				culprit = key
			}
		}
		if depth > 1 {
			each = fmt.Sprintf(" with a pipeline of %d", depth)
		}
		keys = &scenarios.FieldError{Field: culprit, Msg: fmt.Sprintf("%d keys for %d clients%s; a register workload needs at least as many keys as writes under way, %d", w.Keys, w.Clients, each, w.Clients*depth)}
	}
	return errors.Join(ttl, keys, s.check(c))
}

func (s *registerSettings) plan(w *Workload, _ int64) (kind, error) {
	r, err := newRegister(w.Spec, s.TTL)
	return values{r}, err
}

// register overwrites keys. Each client owns keys that nobody else writes to,
// takes turns at them, and writes ever higher numbers: a key that holds less
// than the last acked number has lost writes. No pipeline has two writes to a key,
// because the client library may send a part of it again.
//
// What it counts as lost is a lower bound. A write that was lost and then
// overwritten by a later one, which survived, has left no trace.
type register struct {
	keyspace.Owned
	keyspace.Sizes // of values, in bytes
	check.Expiry
}

var _ writer = register{}

func newRegister(spec scenarios.Workload, ttl units.Duration) (register, error) {
	if depth := max(spec.Pipeline, 1); spec.Keys < spec.Clients*depth {
		return register{}, fmt.Errorf("a register needs a key for each write of a client's pipeline, and %d keys are too few for %d clients and a pipeline of %d",
			spec.Keys, spec.Clients, depth)
	}
	return register{keyspace.Owned{Clients: spec.Clients, Keys: spec.Keys}, keyspace.SizesOf(spec), check.NewExpiry(ttl.D(), spec.Pipeline)}, nil
}

func (r register) Command(args []any, key any, v *drive.Write) []any {
	if r.TTL > 0 {
		return append(args, "psetex", key, int64(r.TTL), v)
	}
	return append(args, "set", key, v)
}

func (r register) source() drive.Source { return get{size: r.Most} }

func (r register) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewRegister(r.Owned, r.Sizes, r.Expiry, clients, shardOf)
}

package workload

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

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

func newRegister(spec scenarios.Workload) (register, error) {
	if depth := max(spec.Pipeline, 1); spec.Keys < spec.Clients*depth {
		return register{}, fmt.Errorf("a register needs a key for each write of a client's pipeline, and %d keys are too few for %d clients and a pipeline of %d",
			spec.Keys, spec.Clients, depth)
	}
	return register{keyspace.Owned{Clients: spec.Clients, Keys: spec.Keys}, keyspace.SizesOf(spec), check.NewExpiry(spec)}, nil
}

func (r register) Command(args []any, key string, v *drive.Write) []any {
	if r.TTLMS > 0 {
		return append(args, "psetex", key, int64(r.TTLMS), v)
	}
	return append(args, "set", key, v)
}

func (r register) source() drive.Source { return get{size: r.Most} }

func (r register) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewRegister(r.Owned, r.Sizes, r.Expiry, clients, shardOf)
}

package workload

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// register overwrites keys. Each client owns keys that nobody else writes to,
// takes turns at them, and writes ever higher numbers: a key that holds less
// than the last acked number has lost writes. No pipeline has two writes to a key,
// because the client library may send a part of it again.
//
// What it counts as lost is a lower bound. A write that was lost and then
// overwritten by a later one, which survived, has left no trace.
type register struct {
	owned
	sizes // of values, in bytes
	expiry
}

var _ writer = register{}

func newRegister(spec scenarios.Workload) (register, error) {
	if depth := max(spec.Pipeline, 1); spec.Keys < spec.Clients*depth {
		return register{}, fmt.Errorf("a register needs a key for each write of a client's pipeline, and %d keys are too few for %d clients and a pipeline of %d",
			spec.Keys, spec.Clients, depth)
	}
	return register{owned{clients: spec.Clients, keys: spec.Keys}, sizesOf(spec), newExpiry(spec)}, nil
}

func (r register) command(ctx context.Context, key string, v *write) redis.Cmder {
	if r.ttlMS > 0 {
		return redis.NewStatusCmd(ctx, "psetex", key, int64(r.ttlMS), v)
	}
	return redis.NewStatusCmd(ctx, "set", key, v)
}

func (r register) source() source { return get{size: r.most} }

func (r register) checker(clients []history, shardOf []int) checker {
	return newRegisterChecker(r.owned, r.sizes, r.expiry, clients, shardOf)
}

package workload

import "github.com/redis-chaos/redis-chaos/scenarios"

// spread is where writes go if keys belong to no client.
type spread struct {
	keys distribution
	seed uint64
}

func newSpread(spec scenarios.Workload, seed int64) spread {
	return spread{keys: newDistribution(spec), seed: uint64(seed)}
}

// keyOf picks a key at random, but always the same for the same write: so nothing
// has to be remembered to tell where a write went.
func (s spread) keyOf(client int, n uint32) int {
	return s.keys.pick(draw(s.seed, client, n))
}

// draw is 64 random bits for number n of a client.
func draw(seed uint64, client int, n uint32) uint64 {
	return mix(seed + (uint64(client)<<32|uint64(n))*0x9e3779b97f4a7c15)
}

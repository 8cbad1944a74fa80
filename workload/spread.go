package workload

import (
	"math/bits"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// spread is where writes go if keys belong to no client.
type spread struct{ keys, seed uint64 }

func newSpread(spec scenarios.Workload, seed int64) spread {
	return spread{keys: uint64(spec.Keys), seed: uint64(seed)}
}

// keyOf picks a key evenly and at random, but always the same for the same
// write: so nothing has to be remembered to tell where a write went.
func (s spread) keyOf(client int, n uint32) int {
	// The finalizer of splitmix64.
	x := s.seed + (uint64(client)<<32|uint64(n))*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	key, _ := bits.Mul64(x^x>>31, s.keys)
	return int(key)
}

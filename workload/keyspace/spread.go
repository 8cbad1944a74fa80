// Package keyspace is which key each write of a client goes to, and which value it writes.
// Both are pure functions of the client and the number of the write, so that nothing has to
// be remembered to tell them again.
package keyspace

import "github.com/redis-chaos/redis-chaos/scenarios"

// Spread is where writes go if keys belong to no client.
type Spread struct {
	Keys distribution
	Seed uint64
}

func NewSpread(spec scenarios.Workload, seed int64) Spread {
	return Spread{Keys: newDistribution(spec), Seed: uint64(seed)}
}

// KeyOf picks a key at random, but always the same for the same write: so nothing
// has to be remembered to tell where a write went.
func (s Spread) KeyOf(client int, n uint32) int {
	return s.Keys.Pick(Draw(s.Seed, client, n))
}

// Draw is 64 random bits for number n of a client.
func Draw(seed uint64, client int, n uint32) uint64 {
	return Mix(seed + (uint64(client)<<32|uint64(n))*0x9e3779b97f4a7c15)
}

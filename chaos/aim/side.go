package aim

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
)

// sideStream is the stream of random numbers that sides are drawn from: that of no step.
const sideStream = math.MaxUint64

// sides divides the shards of a topology: see Selector.Side. Every shard counts, for Redis has a majority
// of all masters with slots agree, those that are down included
// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#failure-detection).
func sides(t observe.Topology, seed int64) map[string][]int {
	shards := shardsOf(t)
	random := rand.New(rand.NewPCG(uint64(seed), sideStream))
	random.Shuffle(len(shards), func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
	quorum := quorumOf(len(shards))
	return map[string][]int{Majority: shards[:quorum], Minority: shards[quorum:]}
}

// quorumOf is the fewest that are more than half of so many masters.
func quorumOf(masters int) int { return masters/2 + 1 }

// shardsOf lists the shards that there are nodes of.
func shardsOf(t observe.Topology) []int {
	var shards []int
	for _, m := range t {
		if m.Shard >= 0 {
			shards = append(shards, m.Shard)
		}
	}
	slices.Sort(shards)
	return slices.Compact(shards)
}

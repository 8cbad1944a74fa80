package keyspace

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// distribution is how writes are spread over keys. It is a pure function from
// random bits to a key, so that where a write went can be told again.
type distribution interface {
	// Pick is the index of the key that 64 random bits stand for.
	Pick(random uint64) int
}

var (
	_ distribution = uniform(0)
	_ distribution = zipf{}
	_ distribution = hot{}
)

// newDistribution is the distribution of a workload that its scenario names.
func newDistribution(spec scenarios.Workload) distribution {
	switch spec.Distribution {
	case scenarios.DistributionZipf:
		return newZipf(spec.Keys)
	case scenarios.DistributionHot:
		return hot{hot: hotKeys(spec), keys: spec.Keys}
	default:
		return uniform(spec.Keys)
	}
}

// taggedKeys is how many keys share a hash tag, if all keys have one.
const taggedKeys = 10

// KeyName is the name of a workload's key. Those that are hot share a hash tag,
// and so a slot; those of a tagged workload do in groups.
func KeyName(runID string, spec scenarios.Workload, index int) string {
	if spec.Distribution == scenarios.DistributionTagged {
		return fmt.Sprintf("{%s:%s:%d}:%d", runID, spec.Name, index/taggedKeys, index)
	}
	if index < hotKeys(spec) {
		return fmt.Sprintf("{%s:%s}:%d", runID, spec.Name, index)
	}
	return fmt.Sprintf("%s:%s:%d", runID, spec.Name, index)
}

// hotKeys is how many of the first keys are in the hot slot: a tenth of all.
func hotKeys(spec scenarios.Workload) int {
	if spec.Distribution != scenarios.DistributionHot {
		return 0
	}
	return (spec.Keys + 9) / 10
}

// Mix is the finalizer of splitmix64: it makes random bits of any.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Below makes an index below n of random bits.
func Below(random uint64, n int) int {
	index, _ := bits.Mul64(random, uint64(n))
	return int(index)
}

// uniform picks each of a number of keys as often.
type uniform int

func (u uniform) Pick(random uint64) int { return Below(random, int(u)) }

// hot picks the first keys for half of the writes, and the others for the rest.
type hot struct{ hot, keys int }

func (h hot) Pick(random uint64) int {
	if random>>63 == 0 || h.hot == h.keys {
		return Below(random<<1, h.hot)
	}
	return h.hot + Below(random<<1, h.keys-h.hot)
}

// zipfExponent makes the first of a thousand keys get a fifth of the writes, and
// the first ten a half.
const zipfExponent = 1.1

// zipf picks key k in proportion to 1/(k+1)^zipfExponent, by rejection-inversion
// (Hörmann, Derflinger: Rejection-inversion to generate variates from monotone
// discrete distributions), as math/rand does.
type zipf struct {
	low, high float64 // the range of the integral that is inverted
	accept    float64 // how far off a key is taken without another look
}

func newZipf(keys int) zipf {
	return zipf{
		low:    zipfIntegral(0.5) - 1,
		high:   zipfIntegral(float64(keys) - 0.5),
		accept: 1 - zipfInverse(zipfIntegral(1.5)-math.Exp(-zipfExponent*math.Log(2))),
	}
}

// zipfIntegral is the integral of 1/(x+1)^zipfExponent.
func zipfIntegral(x float64) float64 {
	return math.Exp((1-zipfExponent)*math.Log(x+1)) / (1 - zipfExponent)
}

func zipfInverse(y float64) float64 {
	return math.Exp(math.Log((1-zipfExponent)*y)/(1-zipfExponent)) - 1
}

func (z zipf) Pick(random uint64) int {
	for {
		y := z.high + (z.low-z.high)*float64(random>>11)/(1<<53)
		x := zipfInverse(y)
		k := math.Floor(x + 0.5)
		if k-x <= z.accept || y >= zipfIntegral(k+0.5)-math.Exp(-zipfExponent*math.Log(k+1)) {
			return int(k)
		}
		random = Mix(random + 0x9e3779b97f4a7c15)
	}
}

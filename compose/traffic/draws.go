package traffic

import (
	"math"
	"math/rand/v2"
	"time"
)

// draws are random, and each may correlate with the one before.
type draws struct {
	correlation float64
	last        float64
	begun       bool
}

// normal has the mean 0 and the standard deviation 1. Successive ones are a stationary
// autoregressive process of order 1, so that a correlation changes nothing but their order.
func (d *draws) normal() float64 {
	z := rand.NormFloat64()
	if d.begun {
		z = d.correlation*d.last + math.Sqrt(1-d.correlation*d.correlation)*z
	}
	d.last, d.begun = z, true
	return z
}

// uniform is from 0 to 1.
func (d *draws) uniform() float64 {
	if d.correlation == 0 {
		return rand.Float64()
	}
	return math.Erfc(-d.normal()/math.Sqrt2) / 2
}

func (d *draws) chance(probability float64) bool { return d.uniform() < probability }

// Mean and standard deviation of Pareto's distribution with the shape 3 and the least value 1.
const (
	paretoShape = 3.0
	paretoMean  = 1.5
)

var paretoDeviation = math.Sqrt(0.75)

// latency is one of a distribution.
func (d *draws) latency(l Latency) time.Duration {
	var x float64 // in jitters, from the delay
	switch l.Distribution {
	case Uniform:
		x = 2*d.uniform() - 1
	case Normal:
		x = d.normal()
	case Pareto:
		x = (math.Pow(1-d.uniform(), -1/paretoShape) - paretoMean) / paretoDeviation
	}
	return min(max(0, l.Delay+time.Duration(x*float64(l.Jitter))), longest)
}

package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Search finds the lengths at which a disturbance begins to fail, and at which it does in half
// of all trials, by trials of lengths that it chooses. It assumes that the probability of
// failing is 0 up to some length, and from there grows evenly to 1, but for one trial in a
// hundred that may end either way whatever its length. So it is with a node that freezes: the
// others suspect it after cluster-node-timeout at least, and after 1.5 times that at most, by
// when they pinged it last.
//
// What is known of the two ends is a probability for each of a grid of ramps, by Bayes. Before
// the first trial, all middles of a ramp are as likely on a logarithmic scale, and all widths in
// proportion to the middle. The next length is that which is expected to leave the
// least variance: as Kontsevich and Tyler, Bayesian Adaptive Estimation of Psychometric Slope and
// Threshold, 1999, with the variance of the logarithms of L05 and L50 in place of the entropy of the grid.
type Search struct {
	low, high float64 // ms: the lengths that can be tried
	ramps     []ramp
	n         int // trials
}

// ramp is one way in which the probability of failing may grow with the length.
type ramp struct {
	middle float64 // ms: where it is 0.5
	width  float64 // ms: between where it is 0 and where it is 1
	// log05 and log50 are the logarithms of the lengths that 5 % and 50 % fail at.
	log05, log50 float64
	p            float64 // how likely it is, by the trials so far
}

const (
	// edge is how far beyond the lengths that can be tried a middle may be, as a factor: so far
	// that a ramp of any width may begin there.
	edge = 2
	// lapse is the probability of either outcome against the ramp.
	lapse = 0.01
	// The widths of ramps by their middle. That of a frozen node is 0.4 at a high
	// cluster-node-timeout, and 0.86 at one of 500 ms.
	narrowest, widest = 0.02, 1

	// How many of each: widths on an even scale, the others on a logarithmic one.
	middles, widths, lengths = 128, 10, 64
)

// NewSearch begins a search among lengths in ms from low, which is above 0, to high.
func NewSearch(low, high float64) *Search {
	low = max(low, 1)
	s := &Search{low: low, high: max(high, low)}
	for _, middle := range logarithmic(s.low/edge, s.high*edge, middles) {
		for i := range widths {
			width := middle * (narrowest + (widest-narrowest)*float64(i)/(widths-1))
			r := ramp{middle: middle, width: width, p: 1.0 / (middles * widths)}
			r.log05, r.log50 = math.Log(r.at(0.05)), math.Log(middle)
			s.ramps = append(s.ramps, r)
		}
	}
	return s
}

// logarithmic is n values from low to high, each the same factor above the one before it.
func logarithmic(low, high float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = low * math.Pow(high/low, float64(i)/float64(n-1))
	}
	return values
}

// at is the length of which a share fails.
func (r ramp) at(share float64) float64 { return r.middle + (share-0.5)*r.width }

// fails is the probability of failing at a length.
func (r ramp) fails(length float64) float64 {
	share := 0.5 + (length-r.middle)/r.width
	return lapse + (1-2*lapse)*max(0, min(1, share))
}

// Add takes in a trial. Its length need not be one that was asked for; one that is not above
// 0 tells nothing.
func (s *Search) Add(t Trial) {
	if !(t.Length > 0) {
		return
	}
	s.n++
	sum := 0.0
	for i := range s.ramps {
		r := &s.ramps[i]
		likelihood := r.fails(float64(t.Length))
		if !t.Failed {
			likelihood = 1 - likelihood
		}
		r.p *= likelihood
		sum += r.p
	}
	for i := range s.ramps {
		s.ramps[i].p /= sum
	}
}

// Next is the length in ms to try next. It is chosen with some chance, within a few percent,
// so that no length is tried again and again.
func (s *Search) Next(rnd *rand.Rand) float64 {
	best, least := s.low, math.Inf(1)
	for _, length := range logarithmic(s.low, s.high, lengths) {
		if left := s.expected(length); left < least {
			best, least = length, left
		}
	}
	step := math.Pow(s.high/s.low, 1.0/(lengths-1))
	return max(s.low, min(s.high, best*math.Pow(step, rnd.Float64()-0.5)))
}

// Several are n lengths in ms for trials that are made before any of them is told of: each is
// chosen as if those before it had ended by chance, as they would by what is known now.
func (s *Search) Several(n int, rnd *rand.Rand) (lengths []float64) {
	ahead := *s
	ahead.ramps = slices.Clone(s.ramps)
	for range n {
		length := record.Millis(ahead.Next(rnd))
		fails := 0.0
		for _, r := range ahead.ramps {
			fails += r.p * r.fails(float64(length))
		}
		ahead.Add(Trial{Length: length, Failed: rnd.Float64() < fails})
		lengths = append(lengths, float64(length))
	}
	return lengths
}

// expected is the variance that is left after a trial of a length, on average over its two
// outcomes.
func (s *Search) expected(length float64) float64 {
	var failed, passed moments
	for i := range s.ramps {
		r := &s.ramps[i]
		fails := r.fails(length)
		failed.add(r.p*fails, r)
		passed.add(r.p*(1-fails), r)
	}
	return failed.variance() + passed.variance()
}

// moments are sums over ramps, each with a weight.
type moments struct{ weight, sum05, squares05, sum50, squares50 float64 }

func (m *moments) add(weight float64, r *ramp) {
	m.weight += weight
	m.sum05 += weight * r.log05
	m.squares05 += weight * r.log05 * r.log05
	m.sum50 += weight * r.log50
	m.squares50 += weight * r.log50 * r.log50
}

// variance is the sum of those of the two logarithms, times the weight of all.
func (m *moments) variance() float64 {
	return m.squares05 - m.sum05*m.sum05/m.weight + m.squares50 - m.sum50*m.sum50/m.weight
}

// Threshold is what the trials so far tell. The lengths are the medians of what is likely, and
// the ends of the intervals lie half a step of the grid further out. They are nil where they
// are beyond the lengths that can be tried: nearly all trials of any length failed, or none.
func (s *Search) Threshold() Threshold {
	t := Threshold{N: s.n}
	if s.n == 0 {
		return t
	}
	t.L05, t.L05CI = s.estimate(0.05)
	t.L50, t.L50CI = s.estimate(0.5)
	return t
}

// estimate is the length of which a share fails.
func (s *Search) estimate(share float64) (length *float64, ci [2]*float64) {
	byLength := slices.SortedFunc(slices.Values(s.ramps), func(a, b ramp) int { return cmp.Compare(a.at(share), b.at(share)) })
	quantile := func(q float64) float64 {
		sum := 0.0
		for _, r := range byLength {
			if sum += r.p; sum >= q {
				return r.at(share)
			}
		}
		return byLength[len(byLength)-1].at(share) // what rounding left
	}
	within := func(length float64) *float64 {
		if length < s.low || length > s.high {
			return nil
		}
		return &length
	}
	const each = (1 - Confidence) / 2
	halfStep := math.Pow(s.high/s.low*edge*edge, 0.5/(middles-1))
	return within(quantile(0.5)), [2]*float64{within(quantile(each) / halfStep), within(quantile(1-each) * halfStep)}
}

// Exceeds is the probability that the length at which a share fails is at least length, by
// the trials so far.
func (s *Search) Exceeds(length, share float64) float64 {
	sum := 0.0
	for _, r := range s.ramps {
		if r.at(share) >= length {
			sum += r.p
		}
	}
	return min(1, sum)
}

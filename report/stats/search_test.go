package stats

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// frozen is how a node fails that is frozen for a while, by its cluster-node-timeout in ms: the
// probability grows evenly.
func frozen(timeout float64) func(length float64) float64 {
	return func(length float64) float64 {
		return max(0, min(1, (length-timeout)/(timeout/2+500)))
	}
}

// searched is a search of n trials among lengths of 0.5 to 30 s, each measured a little
// longer than it was asked for.
func searched(n int, seed uint64, fails func(float64) float64) *Search {
	rnd := rand.New(rand.NewPCG(seed, 1))
	s := NewSearch(500, 30_000)
	for range n {
		length := record.Millis(s.Next(rnd)*(1+0.01*rnd.Float64())) + record.Millis(3*rnd.Float64())
		s.Add(Trial{Length: length, Failed: rnd.Float64() < fails(float64(length))})
	}
	return s
}

// each is how many searches there are for each cluster-node-timeout.
var each = flag.Int("searches", 10, "searches of a threshold for each cluster-node-timeout")

func TestSearchFindsTheThreshold(t *testing.T) {
	const trials = 12
	var searches, covered05, covered50 int
	var error05, error50 []float64
	for _, timeout := range []float64{1000, 2000, 5000, 15_000} {
		for seed := range uint64(*each) {
			th := searched(trials, seed, frozen(timeout)).Threshold()
			if th.N != trials || th.L05 == nil || th.L50 == nil {
				t.Fatalf("timeout %v: %+v", timeout, th)
			}
			width := timeout/2 + 500
			l05, l50 := timeout+0.05*width, timeout+0.5*width
			searches++
			covered05 += holds(th.L05CI, l05)
			covered50 += holds(th.L50CI, l50)
			error05 = append(error05, math.Abs(*th.L05/l05-1))
			error50 = append(error50, math.Abs(*th.L50/l50-1))
		}
	}
	slices.Sort(error05)
	slices.Sort(error50)
	middle, most := searches/2, searches*9/10
	t.Logf("%d searches of %d trials: L05 is off by %.3f in the median, by up to %.3f in 90 %%, and %.3f of its intervals hold it; L50 by %.3f, %.3f, %.3f", searches, trials,
		error05[middle], error05[most], float64(covered05)/float64(searches), error50[middle], error50[most], float64(covered50)/float64(searches))
	if least := searches * 90 / 100; covered05 < least || covered50 < least {
		t.Errorf("too few intervals hold their length")
	}
	if error05[middle] > 0.15 || error50[middle] > 0.12 {
		t.Errorf("the lengths are off by too much")
	}
}

func holds(ci [2]*float64, length float64) int {
	if (ci[0] == nil || *ci[0] <= length) && (ci[1] == nil || length <= *ci[1]) {
		return 1
	}
	return 0
}

func TestSearchOfWhatNeverFails(t *testing.T) {
	s := searched(12, 1, func(float64) float64 { return 0 })
	th := s.Threshold()
	if th.L50 != nil || th.L05 != nil || th.L05CI[1] != nil || th.L50CI[1] != nil {
		t.Errorf("a threshold of what never fails: %+v", th)
	}
	if th.L05CI[0] == nil || *th.L05CI[0] < 10_000 {
		t.Errorf("5 %% fail at %v or more; want more than 10 s", th.L05CI[0])
	}
	if p := s.Exceeds(10_000, 0.05); p < 0.95 {
		t.Errorf("that 10 s survive is only %.3f likely", p)
	}
}

func TestSearchOfWhatAlwaysFails(t *testing.T) {
	s := searched(12, 1, func(float64) float64 { return 1 })
	th := s.Threshold()
	if th.L50 != nil || th.L05 != nil || th.L05CI[0] != nil || th.L50CI[0] != nil {
		t.Errorf("a threshold of what always fails: %+v", th)
	}
	if p := s.Exceeds(2000, 0.05); p > 0.05 {
		t.Errorf("that 2 s survive is %.3f likely", p)
	}
}

func TestSearchWithoutTrials(t *testing.T) {
	s := NewSearch(500, 30_000)
	s.Add(Trial{Length: 0, Failed: true})
	s.Add(Trial{Length: record.Millis(math.NaN()), Failed: true})
	if th := s.Threshold(); th != (Threshold{}) {
		t.Errorf("%+v", th)
	}
	if p := s.Exceeds(0, 0.5); math.Abs(p-1) > 1e-9 {
		t.Errorf("a length of 0 or more is %v likely", p)
	}
	if at := NewSearch(700, 700).Next(rand.New(rand.NewPCG(1, 1))); at != 700 {
		t.Errorf("tries %v where only 700 can be", at)
	}
}

func TestExceedsFollowsTheTrials(t *testing.T) {
	s := searched(15, 2, frozen(2000))
	last := 1.0
	for length := 500.0; length < 20_000; length *= 1.2 {
		p := s.Exceeds(length, 0.05)
		if p > last {
			t.Errorf("it is more likely that %v ms survive than less", length)
		}
		last = p
	}
	if s.Exceeds(1000, 0.05) < 0.9 || s.Exceeds(4000, 0.05) > 0.05 {
		t.Errorf("%v, %v", s.Exceeds(1000, 0.05), s.Exceeds(4000, 0.05))
	}
}

func BenchmarkNext(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	s := searched(8, 1, frozen(2000))
	for b.Loop() {
		s.Next(rnd)
	}
}

// Trials that are chosen together are not all of one length, and choosing them tells nothing.
func TestSeveralLengths(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	apart := 0
	for range 10 {
		s := NewSearch(1000, 6000)
		lengths := s.Several(3, rnd)
		if len(lengths) != 3 || slices.Min(lengths) < 1000 || slices.Max(lengths) > 6000 || s.Threshold().N != 0 {
			t.Fatalf("%v, %+v", lengths, s.Threshold())
		}
		if slices.Max(lengths) > 1.3*slices.Min(lengths) {
			apart++
		}
	}
	if apart < 9 {
		t.Errorf("only %d of 10 batches have lengths that are apart", apart)
	}
}

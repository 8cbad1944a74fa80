package stats

import (
	"math/rand/v2"
	"testing"
)

func TestLeastRuns(t *testing.T) {
	for level, want := range map[float64]int{1: 1, 0.5: 2, 0.05: 4, 0.0286: 4, 0.01: 5, 0.001: 7, 0.0001: 9} {
		if got := LeastRuns(level); got != want {
			t.Errorf("at %v: %d, want %d", level, got, want)
		}
	}
}

func TestNeededOfLittle(t *testing.T) {
	for name, test := range map[string]struct {
		a, b  []Value
		shift float64
		runs  int
		ok    bool
	}{
		"one each":      {values(1), values(2), 1, 0, false},
		"nothing":       {nil, nil, 1, 0, false},
		"no shift":      {values(1, 2, 3), values(1, 2, 3), 0, 0, false},
		"no spread":     {values(5, 5, 5), values(5, 5), 1, 6, true},
		"two in one":    {values(1, 1.1), values(7), 1, 6, true},
		"never in most": {values(1, never, never), values(2, never), 1, 0, false},
		"too small":     {values(0, 1e9, 2e9), nil, 1, 0, false},
	} {
		if runs, ok := Needed(test.a, test.b, test.shift, 0.05); runs != test.runs || ok != test.ok {
			t.Errorf("%s: %d, %t, want %d, %t", name, runs, ok, test.runs, test.ok)
		}
	}
}

// With as many runs as Needed says of twenty, a shift is found in about 80 % of all tries.
func TestNeededHasItsPower(t *testing.T) {
	for name, draw := range map[string]func(*rand.Rand) float64{
		"normal":  func(rnd *rand.Rand) float64 { return 4000 + 500*rnd.NormFloat64() },
		"uniform": func(rnd *rand.Rand) float64 { return 2000 + 1000*rnd.Float64() },
	} {
		t.Run(name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(3, 4))
			set := func(n int, shift float64) (all []Value) {
				for range n {
					all = append(all, Value(draw(rnd)+shift))
				}
				return all
			}
			const tries, shift, level = 120, 400, 0.05
			found := 0
			for range tries {
				n, ok := Needed(set(10, 0), set(10, 0), shift, level)
				if !ok {
					t.Fatal("not known")
				}
				if *Compare(set(n, 0), set(n, shift)).P <= level {
					found++
				}
			}
			if power := float64(found) / tries; power < 0.7 || power > 0.9 {
				t.Errorf("found in %.3f of all tries, want about %v", power, Power)
			}
		})
	}
}

package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestKthIsThatOfTheSortedDifferences(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	draw := func(n int) (all []Value) {
		for range n {
			v := Value(rnd.IntN(20)) / 3
			if rnd.IntN(6) == 0 {
				v = Never
			}
			all = append(all, v)
		}
		slices.Sort(all)
		return all
	}
	for range 50 {
		a, b := draw(1+rnd.IntN(9)), draw(1+rnd.IntN(9))
		var all, distances []Difference
		for i, x := range a {
			for _, y := range b {
				all = append(all, y.minus(x))
			}
			for _, other := range a[:i] {
				distances = append(distances, x.minus(other))
			}
		}
		slices.Sort(all)
		slices.Sort(distances)
		for k, want := range all {
			if got := kth(k+1, func(d float64) int { return between(a, b, d) }); got != want {
				t.Fatalf("%v, %v: difference %d is %v, want %v", a, b, k+1, got, want)
			}
		}
		for k, want := range distances {
			if got := kth(k+1, func(d float64) int { return within(a, d) }); got != want {
				t.Fatalf("%v: distance %d is %v, want %v", a, k+1, got, want)
			}
		}
	}
}

package stats

import (
	"encoding/json"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

var never = float64(Never)

// The p-values are those of dealing out all values in every possible way, also where values
// are equal, did not come, and the sets differ in size.
func TestCompareIsThePermutationTest(t *testing.T) {
	for name, test := range map[string]struct{ a, b []Value }{
		"apart":                {values(1, 2, 3, 4), values(5, 6, 7, 8)},
		"mixed":                {values(1, 4, 5, 8, 9), values(2, 3, 6, 7)},
		"ties":                 {values(1, 1, 2, 2, 3), values(2, 3, 3, 4)},
		"ties of one side":     {values(5), values(1, 1, 1, 2)},
		"ties, other way":      {values(1, 1, 1, 2), values(5, 5)},
		"never in b":           {values(1, 2, 3, 4), values(3, never, never, never)},
		"never in both":        {values(1, never, 3, never), values(2, never, 5, never, 7)},
		"never in all":         {values(never, never), values(never, never, never)},
		"all equal":            {values(0, 0, 0), values(0, 0, 0, 0)},
		"nearly all equal":     {values(0, 0, 0, 0), values(0, 0, 0, 9)},
		"one each":             {values(1), values(2)},
		"one, and the same":    {values(1), values(1)},
		"many, and one beside": {values(1, 2, 3, 4, 5, 6, 7), values(0)},
	} {
		t.Run(name, func(t *testing.T) {
			c := Compare(test.a, test.b)
			greater, less, least := permuted(test.a, test.b)
			for what, p := range map[string][2]float64{
				"greater": {*c.PGreater, greater}, "less": {*c.PLess, less}, "two-sided": {*c.P, min(1, 2*min(greater, less))}, "least": {*c.LeastP, least},
			} {
				if math.Abs(p[0]-p[1]) > 1e-9 {
					t.Errorf("%s: %v, want %v", what, p[0], p[1])
				}
			}
		})
	}
}

// permuted is how often, of all ways to deal the values out, those of b are greater than those
// of a at least as clearly as they are, and less; and the least two-sided value of any way.
func permuted(a, b []Value) (greater, less, least float64) {
	all := append(append([]Value{}, a...), b...)
	var us []float64 // of each way, U of b
	for way := range 1 << len(all) {
		if bits.OnesCount(uint(way)) != len(b) {
			continue
		}
		u := 0.0
		for i, y := range all {
			for j, x := range all {
				if way>>i&1 == 0 || way>>j&1 == 1 {
					continue
				}
				if y > x {
					u++
				} else if y == x {
					u += 0.5
				}
			}
		}
		us = append(us, u)
	}
	tails := func(u float64) (above, below float64) {
		for _, other := range us {
			if other >= u {
				above++
			}
			if other <= u {
				below++
			}
		}
		return above / float64(len(us)), below / float64(len(us))
	}
	greater, less = tails(us[len(us)-1]) // the last way has b as it is
	least = 1
	for _, u := range us {
		above, below := tails(u)
		least = min(least, 2*min(above, below))
	}
	return greater, less, least
}

func TestCompareShift(t *testing.T) {
	few := `"shift_ci":[null,null]`
	for name, test := range map[string]struct {
		a, b []Value
		want string
	}{
		"none":             {nil, values(1), `"shift":null,` + few + `,"relative":null,"relative_ci":[null,null]`},
		"one each":         {values(10), values(13), `"shift":3,` + few + `,"relative":0.3,"relative_ci":[null,null]`},
		"four each":        {values(1, 2, 3, 4), values(11, 12, 13, 14), `"shift":10,"shift_ci":[7,13],"relative":4,"relative_ci":[2.8,5.2]`},
		"never came":       {values(1, 2, 3, 4), values(never, never, never, never), `"shift":"never","shift_ci":["never","never"],"relative":null,"relative_ci":[null,null]`},
		"came after all":   {values(never, never, never), values(1, 2, 3), `"shift":"-never",` + few + `,"relative":null,"relative_ci":[null,null]`},
		"never in both":    {values(1, never), values(2, never), `"shift":0.5,` + few + `,"relative":null,"relative_ci":[null,null]`},
		"never in some":    {values(4, 4, 4, 4, 4), values(5, 5, 5, 5, never), `"shift":1,"shift_ci":[1,"never"],"relative":0.25,"relative_ci":[0.25,null]`},
		"median of a is 0": {values(0, 0, 1), values(2, 2, 2), `"shift":2,` + few + `,"relative":null,"relative_ci":[null,null]`},
	} {
		t.Run(name, func(t *testing.T) {
			c := Compare(test.a, test.b)
			got, err := json.Marshal(struct {
				Shift      *Difference    `json:"shift"`
				ShiftCI    [2]*Difference `json:"shift_ci"`
				Relative   *float64       `json:"relative"`
				RelativeCI [2]*float64    `json:"relative_ci"`
			}{c.Shift, c.ShiftCI, c.Relative, c.RelativeCI})
			if err != nil || string(got) != "{"+test.want+"}" {
				t.Errorf("%s, %v\nwant {%s}", got, err, test.want)
			}
		})
	}
}

// The interval holds the shift as often as it says, by the exact distribution of U and by the
// approximation, also where some values did not come.
func TestShiftIntervalCovers(t *testing.T) {
	for _, n := range []int{6, 10, 60} {
		rnd := rand.New(rand.NewPCG(1, uint64(n)))
		const tries, shift = 200, 300
		covered := 0
		for range tries {
			var a, b []Value
			for range n {
				a, b = append(a, drawn(rnd)), append(b, drawn(rnd)+shift)
			}
			if ci := Compare(a, b).ShiftCI; *ci[0] <= shift && shift <= *ci[1] {
				covered++
			}
		}
		if share := float64(covered) / tries; share < 0.92 {
			t.Errorf("n = %d: %.3f of all intervals hold the shift, want 0.95", n, share)
		}
	}
}

// drawn is the time of a failover: one in twenty never comes.
func drawn(rnd *rand.Rand) Value {
	if rnd.IntN(20) == 0 {
		return Never
	}
	return Value(2000 + 1000*rnd.Float64() + 500*rnd.Float64())
}

func TestCompareManyValues(t *testing.T) {
	var a, b []Value
	for i := range 500 {
		a, b = append(a, Value(i%100)), append(b, Value(i%100+3))
	}
	c := Compare(a, b)
	if *c.Shift != 3 || *c.ShiftCI[0] > 3 || *c.ShiftCI[1] < 3 || *c.P > 0.2 || *c.P < 0.05 {
		t.Errorf("%v %v %v %v", *c.Shift, *c.ShiftCI[0], *c.ShiftCI[1], *c.P)
	}
}

func TestShare(t *testing.T) {
	for _, test := range []struct {
		k, n      int
		low, high float64
	}{
		{0, 0, 0, 1},
		{0, 10, 0, 0.3085},
		{1, 10, 0.0025, 0.4450},
		{5, 10, 0.1871, 0.8129},
		{10, 10, 0.6915, 1},
		{1, 1, 0.0250, 1},
	} {
		share, ci := Share(test.k, test.n)
		if math.Abs(ci[0]-test.low) > 5e-5 || math.Abs(ci[1]-test.high) > 5e-5 {
			t.Errorf("%d of %d: %v, want %v to %v", test.k, test.n, ci, test.low, test.high)
		}
		if (share == nil) != (test.n == 0) || share != nil && *share != float64(test.k)/float64(test.n) {
			t.Errorf("%d of %d: %v", test.k, test.n, share)
		}
	}
}

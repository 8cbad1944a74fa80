package stats

import (
	"math"
	"testing"
)

func TestHolm(t *testing.T) {
	for name, test := range map[string]struct{ p, weights, want []float64 }{
		"none":            {nil, nil, nil},
		"one":             {[]float64{0.04}, nil, []float64{0.04}},
		"as R's p.adjust": {[]float64{0.01, 0.04, 0.03, 0.005}, nil, []float64{0.03, 0.06, 0.06, 0.02}},
		"at most 1":       {[]float64{0.9, 0.5, 0.6}, nil, []float64{1, 1, 1}},
		"equal":           {[]float64{0.01, 0.01}, nil, []float64{0.02, 0.02}},
		"weights":         {[]float64{0.03, 0.01}, []float64{0.9, 0.1}, []float64{0.03 / 0.9, 0.03 / 0.9}},
		"weights, alike":  {[]float64{0.01, 0.04, 0.03, 0.005}, []float64{2, 2, 2, 2}, []float64{0.03, 0.06, 0.06, 0.02}},
	} {
		got := Holm(test.p)
		if test.weights != nil {
			got = HolmWeighted(test.p, test.weights)
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %v", name, got)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-test.want[i]) > 1e-12 {
				t.Errorf("%s: %v, want %v", name, got, test.want)
			}
		}
	}
}

package tune

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// What is called so probable comes true so often.
func TestChanceWithinIsCalibrated(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 1))
	const mean, deviation, n, tries = 8, 0.15, 10, 200
	limit := math.Exp(mean + 1.645*deviation) // the 95th percentile is as much within it as not
	var sum float64
	above := 0
	for range tries {
		values := make([]stats.Value, n)
		for i := range values {
			values[i] = stats.Value(math.Exp(mean + deviation*source.NormFloat64()))
		}
		chance, ok := chanceWithin(values, limit)
		if !ok {
			t.Fatal("not known")
		}
		sum += chance / tries
		if chance > 0.9 {
			above++
		}
	}
	if math.Abs(sum-0.5) > 0.06 || math.Abs(float64(above)/tries-0.1) > 0.06 {
		t.Errorf("on average %.2f, want 0.5; above 0.9 in %d of %d, want a tenth", sum, above, tries)
	}
}

func TestChanceWithin(t *testing.T) {
	never := stats.Never
	close := []stats.Value{3000, 3100, 3200, 3300, 3400, 3500, 3600, 3700, 3800, 3900}
	for name, test := range map[string]struct {
		values      []stats.Value
		limit       float64
		least, most float64
	}{
		"far below":          {close, 8000, 0.999, 1},
		"far above":          {close, 3200, 0, 0.001},
		"about the limit":    {close, 4100, 0.3, 0.7},
		"all alike, below":   {[]stats.Value{10, 10, 10}, 11, 1, 1},
		"all alike, above":   {[]stats.Value{10, 10, 10}, 9, 0, 0},
		"zero":               {[]stats.Value{0, 0, 0}, 9, 1, 1},
		"one in ten never":   {append(close[:9:9], never), 8000, 0.01, 0.3},
		"one in forty never": {append(append(append(append(close[:9:9], close...), close...), close...), never), 8000, 0.3, 0.95},
	} {
		if got, ok := chanceWithin(test.values, test.limit); !ok || got < test.least || got > test.most {
			t.Errorf("%s: %.4f, %v; want %g to %g", name, got, ok, test.least, test.most)
		}
	}
	for _, values := range [][]stats.Value{nil, {1, 2}, {1, 2, never, never}} {
		if got, ok := chanceWithin(values, 10); ok {
			t.Errorf("%v of %v is known to be within 10", got, values)
		}
	}
}

func TestChanceSurvived(t *testing.T) {
	h := point("2s", 3600, 2200).Hiccups[0]
	for length, want := range map[float64][2]float64{500: {0.99, 1}, *h.Threshold.L05: {0.35, 0.65}, 3000: {0, 0.01}} {
		if got, ok := h.chanceSurvived(length); !ok || got < want[0] || got > want[1] {
			t.Errorf("%.0f ms: %.4f, %v, want %v", length, got, ok, want)
		}
	}
	for _, trials := range [][]stats.Trial{nil, {{Length: 0, Failed: true}}} {
		if got, ok := (Hiccup{Trials: trials}).chanceSurvived(1000); ok {
			t.Errorf("%v: %g", trials, got)
		}
	}
}

func TestLossBound(t *testing.T) {
	for _, test := range []struct {
		with, runs int
		want       float64
	}{{0, 14, 0.1926}, {0, 300, 0.0099}, {1, 14, 0.2967}, {14, 14, 1}, {0, 0, 1}} {
		if got := lossBound(test.with, test.runs); math.Abs(got-test.want) > 1e-4 {
			t.Errorf("%d of %d: %.4f, want %.4f", test.with, test.runs, got, test.want)
		}
	}
}

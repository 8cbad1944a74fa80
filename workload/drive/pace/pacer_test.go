package pace

import (
	"math"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestPacer(t *testing.T) {
	if _, timed := New(nil).Next(1); timed {
		t.Error("a closed loop has a timetable")
	}
	p := New(scenarios.ConstantRate(400))
	for i := range 5 {
		if due, timed := p.Next(1); !timed || due != record.Millis(float64(i)*2.5) {
			t.Errorf("write %d is due at %v", i, due)
		}
	}
	for ms, want := range map[float64]int64{-1: 0, 0: 0, 0.1: 1, 2.5: 1, 2.6: 2, 1000: 400} {
		if got := p.Due(record.Millis(ms)); got != want {
			t.Errorf("%d due before %v ms, want %d", got, ms, want)
		}
	}
}

const second = units.Duration(time.Second)

func TestChangingRate(t *testing.T) {
	step := func(from units.Duration, rate float64) scenarios.RatePart {
		return scenarios.RatePart{At: from, From: rate, To: rate}
	}
	for name, test := range map[string]struct {
		rate scenarios.Rate
		// by time in s, how many writes are due before
		due map[float64]int64
		// by number of write, when it is due in ms
		at map[int]record.Millis
	}{
		"steps": {
			scenarios.Rate{step(0, 100), step(10*second, 1000)},
			map[float64]int64{0: 0, 1: 100, 10: 1000, 10.5: 1500, 12: 3000},
			map[int]record.Millis{0: 0, 1: 10, 999: 9990, 1000: 10_000, 1001: 10_001, 2000: 11_000},
		},
		"a pause": {
			scenarios.Rate{step(0, 100), step(second, 0), step(3*second, 10)},
			map[float64]int64{1: 100, 2: 100, 3: 100, 4: 110},
			map[int]record.Millis{99: 990, 100: 3000, 101: 3100},
		},
		"an end": {
			scenarios.Rate{step(0, 100), step(second, 0)},
			map[float64]int64{1: 100, 5: 100},
			map[int]record.Millis{99: 990, 100: record.Millis(math.Inf(1)), 101: record.Millis(math.Inf(1))},
		},
		"a ramp up": {
			scenarios.Rate{{From: 500, To: 1500, Over: 10 * second}},
			map[float64]int64{1: 550, 10: 10_000, 11: 11_500},
			map[int]record.Millis{0: 0, 550: 1000, 10_000: 10_000, 10_150: 10_100},
		},
		"a ramp from nothing": {
			scenarios.Rate{{To: 200, Over: second}},
			map[float64]int64{0: 0, 0.5: 25, 1: 100, 2: 300},
			map[int]record.Millis{0: 0, 25: 500, 100: 1000, 102: 1010},
		},
		"a ramp to nothing": {
			scenarios.Rate{{From: 200, Over: second}},
			map[float64]int64{0.5: 75, 1: 100, 2: 100},
			map[int]record.Millis{0: 0, 75: 500, 101: record.Millis(math.Inf(1))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(test.rate)
			for s, want := range test.due {
				if got := p.Due(record.Millis(s * 1000)); got != want {
					t.Errorf("%d due before %v s, want %d", got, s, want)
				}
			}
			before := record.Millis(-1)
			for n := range 10_200 {
				due, timed := p.Next(1)
				if want, asked := test.at[n]; asked && due != want && math.Abs(float64(due-want)) > 1e-6 {
					t.Errorf("write %d is due at %v, want %v", n, due, want)
				}
				if !timed || math.IsNaN(float64(due)) || due < before {
					t.Fatalf("write %d is due at %v, the one before it at %v", n, due, before)
				}
				if math.IsInf(float64(due), 1) {
					break
				}
				// The two questions to a pacer have one answer.
				if by := p.Due(due + 0.5); by < int64(n)+1 || p.Due(due-0.001) > int64(n) {
					t.Fatalf("write %d is due at %v, but %d before then and %d after", n, due, p.Due(due-0.001), by)
				}
				before = due
			}
		})
	}
}

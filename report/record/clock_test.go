package record

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	c := NewClock()
	at := c.Wall().Add(1500*time.Millisecond + 250*time.Microsecond)
	if got := c.At(at); got != 1500.25 {
		t.Errorf("%v ms", got)
	}
	if got := c.At(at.Round(0)); got != 1500.25 {
		t.Errorf("%v ms by wall time", got)
	}
	if got := c.At(c.Time(42.5)); got != 42.5 {
		t.Errorf("%v ms", got)
	}
	if step := c.CheckWall(); step != 0 {
		t.Errorf("the wall clock is said to have been set by %s", step)
	}
}

// reading is what both clocks show at one moment, in ms since the start.
type reading struct{ wall, run int }

// checkAt has a wall clock checked once for each series of readings, whose last
// one is repeated for good, and returns the steps that it found, in ms.
func checkAt(w *wallClock, checks [][]reading) (steps []int) {
	for _, readings := range checks {
		steps = append(steps, int(w.check(func() (wall, run time.Duration) {
			r := readings[0]
			if len(readings) > 1 {
				readings = readings[1:]
			}
			return time.Duration(r.wall) * time.Millisecond, time.Duration(r.run) * time.Millisecond
		}).Milliseconds()))
	}
	return steps
}

func TestWallClockSteps(t *testing.T) {
	for name, test := range map[string]struct {
		checks [][]reading
		steps  []int
		// placed maps wall times to where they belong on the run's clock.
		placed map[int]int
	}{
		"no step": {
			[][]reading{{{1000, 1000}}, {{2003, 2000}}, {{2998, 3000}}},
			[]int{0, 0, 0},
			map[int]int{-500: -500, 0: 0, 2500: 2500, 9000: 9000},
		},
		"forward": {
			[][]reading{{{1000, 1000}}, {{5000, 2000}}, {{6000, 3000}}},
			[]int{0, 3000, 0},
			map[int]int{500: 500, 1000: 1000, 4500: 1500, 6000: 3000},
		},
		"back": {
			[][]reading{{{1000, 1000}}, {{1500, 2000}}, {{2500, 3000}}},
			[]int{0, -500, 0},
			// 700 was shown twice if the step was at 1200; what comes late is of the second time.
			map[int]int{400: 400, 700: 1200, 2500: 3000},
		},
		"there and back": {
			[][]reading{{{1000, 1000}}, {{2100, 2000}}, {{3000, 3000}}},
			[]int{0, 100, -100},
			map[int]int{500: 500, 1900: 1800, 2050: 2050, 3500: 3500},
		},
		"small steps add up": {
			[][]reading{{{1004, 1000}}, {{2008, 2000}}, {{3012, 3000}}},
			[]int{0, 8, 0},
			map[int]int{500: 500, 4008: 4000},
		},
		"held up between the two readings": {
			[][]reading{{{1000, 1000}}, {{2000, 2080}, {2100, 2100}}, {{3000, 3040}, {3100, 3100}}},
			[]int{0, 0, 0},
			map[int]int{3500: 3500},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wallClock{}
			steps := checkAt(w, test.checks)
			for i, want := range test.steps {
				if steps[i] != want {
					t.Errorf("check %d finds a step of %d ms, want %d", i, steps[i], want)
				}
			}
			for wall, want := range test.placed {
				if got := w.place(time.Duration(wall) * time.Millisecond); got != time.Duration(want)*time.Millisecond {
					t.Errorf("%d ms by the wall clock is %s, want %d ms", wall, got, want)
				}
			}
		})
	}
}

// On a machine on which no two readings agree, no step is made up.
func TestWallClockThatCannotBeRead(t *testing.T) {
	w, n := &wallClock{}, time.Duration(0)
	if step := w.check(func() (time.Duration, time.Duration) {
		n++
		return n * n * time.Second, n * time.Second
	}); step != 0 || w.place(time.Second) != time.Second {
		t.Errorf("a step of %s", step)
	}
}

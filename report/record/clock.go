package record

import (
	"sync"
	"time"
)

// Clock is the run's one clock: milliseconds since its start, monotonic. Copies
// of it are the same clock.
type Clock struct {
	start time.Time
	wall  *wallClock
}

// NewClock starts a clock.
func NewClock() Clock { return Clock{start: time.Now(), wall: &wallClock{}} }

// Now is the time in milliseconds since the start.
func (c Clock) Now() Millis { return InMillis(time.Since(c.start)) }

// Wall is the moment at which the clock started.
func (c Clock) Wall() time.Time { return c.start }

// At places a moment on the clock: monotonic where t has a monotonic reading,
// else by wall time (timestamps of the runtime and of logs), with what CheckWall
// has found of steps.
func (c Clock) At(t time.Time) Millis {
	if t != t.Round(0) { // Round strips the monotonic reading
		return InMillis(t.Sub(c.start))
	}
	return InMillis(c.wall.place(t.Sub(c.start.Round(0))))
}

// Time is the moment at which the clock shows ms.
func (c Clock) Time(ms Millis) time.Time {
	return c.start.Add(ms.D())
}

// CheckWall compares this machine's wall clock with the run's. If it was set
// since the last check, it returns by how much, and At goes by the new setting
// for what has happened since. Else it returns 0. It is to be called regularly:
// what happens between a step and its discovery is placed wrongly by the step.
func (c Clock) CheckWall() (step time.Duration) {
	return c.wall.check(func() (time.Duration, time.Duration) {
		now := time.Now()
		return now.Round(0).Sub(c.start.Round(0)), now.Sub(c.start)
	})
}

const (
	// wallStep is the least difference that counts as a step.
	wallStep = 5 * time.Millisecond
	// wallNoise is how far two good readings in a row may differ: a process can
	// be held up between reading one clock and the other.
	wallNoise = time.Millisecond
	// wallReadings is how many readings a check makes before it gives up.
	wallReadings = 10
)

// wallClock knows how the wall clock was set while the run's clock ran.
type wallClock struct {
	mu       sync.Mutex
	checked  time.Duration // when the last check was, on the run's clock
	settings []setting     // after the one that the run started with
}

// setting is how far the wall clock is ahead of the run's since a moment.
type setting struct{ since, ahead time.Duration }

// place turns time since the start by the wall clock into time on the run's. If
// two settings of a clock that was set back fit, it is the later one: what is
// placed has mostly just happened.
func (w *wallClock) place(t time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.settings) - 1; i >= 0; i-- {
		s := w.settings[i]
		if at := t - s.ahead; at >= s.since {
			return at
		}
	}
	return t
}

// check finds out whether the wall clock was set since the last check. read
// tells the time since the start by the wall clock and by the run's.
func (w *wallClock) check(read func() (wall, run time.Duration)) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var was time.Duration
	if n := len(w.settings); n > 0 {
		was = w.settings[n-1].ahead
	}
	wall, run := read()
	for range wallReadings {
		ahead := wall - run
		wall, run = read()
		if (wall - run - ahead).Abs() > wallNoise {
			continue
		}
		since := w.checked
		w.checked = run
		if (ahead - was).Abs() <= wallStep {
			return 0
		}
		w.settings = append(w.settings, setting{since, ahead})
		return ahead - was
	}
	return 0
}

// ClockOffset is an estimate of how far a clock is ahead of this program's wall
// clock. Times of that clock in the record are corrected by it already.
type ClockOffset struct {
	Clock  string `json:"clock"` // "engine"
	Offset Millis `json:"offset_ms"`
	Within Millis `json:"within_ms"` // the estimate is off by at most this
}

// ClockStep is a step of this machine's wall clock, on which the times of the
// runtime and of log lines are given. The run's own clock is monotonic.
type ClockStep struct {
	By Millis `json:"by_ms"` // positive: set forward
}

// Type implements Data.
func (*ClockOffset) Type() string { return "clock_offset" }
func (*ClockStep) Type() string   { return "clock_step" }

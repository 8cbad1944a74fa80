package record

import "time"

// Millis is a time in milliseconds: a moment on the run's clock, or how long something lasted.
type Millis float64

// InMillis is a duration in milliseconds, to the microsecond.
func InMillis(d time.Duration) Millis {
	return Millis(d.Round(time.Microsecond)) / Millis(time.Millisecond)
}

// D is the time as the standard library has durations.
func (m Millis) D() time.Duration { return time.Duration(m * Millis(time.Millisecond)) }

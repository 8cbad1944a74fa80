package tune

import (
	"fmt"
	"math"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// DefaultTolerate is how long a hiccup is to be survived where the user bounds neither side of
// the trade-off.
const DefaultTolerate = 1500

// OrDefault is the constraints with the default one where the user has neither bounded failovers
// nor asked for hiccups to be survived: without either, the shortest timeout would always be best.
func (c Constraints) OrDefault() Constraints {
	if c.MaxFailover == nil && c.Tolerate == nil {
		tolerate := record.Millis(DefaultTolerate)
		c.Tolerate, c.Defaulted = &tolerate, true
	}
	return c
}

// Check tells which constraint makes no sense, or which two exclude each other whatever is
// measured.
func (c Constraints) Check() error {
	for _, length := range []struct {
		flag string
		ms   *record.Millis
	}{{flagMaxFailover, c.MaxFailover}, {flagTolerate, c.Tolerate}} {
		if length.ms != nil && !(*length.ms > 0 && *length.ms < aYear) {
			return fmt.Errorf("%s is a length of time above 0, such as 5s, and not %s", length.flag, flagDuration(*length.ms))
		}
	}
	if c.MaxLost != nil && !(*c.MaxLost >= 0 && *c.MaxLost == math.Trunc(*c.MaxLost) && *c.MaxLost < math.MaxInt32) {
		return fmt.Errorf("%s is a number of writes from 0 on, and not %g", flagMaxLost, *c.MaxLost)
	}
	if c.MaxFailover != nil && c.Tolerate != nil && *c.MaxFailover <= *c.Tolerate {
		return fmt.Errorf("%s %s and %s %s exclude each other: a node that may be silent for %s without a failover is not replaced sooner when it fails, so %s has to be longer than %s",
			flagMaxFailover, flagDuration(*c.MaxFailover), flagTolerate, flagDuration(*c.Tolerate), flagDuration(*c.Tolerate), flagMaxFailover, flagTolerate)
	}
	return nil
}

// The flags by which the constraints are given.
const (
	flagMaxFailover = "--max-failover"
	flagTolerate    = "--tolerate"
	flagMaxLost     = "--max-lost"
)

// aYear is above all lengths of time that are taken seriously: a year.
const aYear = 365 * 24 * 3600 * 1000

// flagDuration is a length of time as it is given to a flag.
func flagDuration(ms record.Millis) string {
	if math.IsNaN(float64(ms)) || math.Abs(float64(ms)) > aYear {
		return fmt.Sprintf("%g ms", ms)
	}
	return time.Duration(math.Round(float64(ms * record.Millis(time.Millisecond)))).String()
}

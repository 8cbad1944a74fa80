package tune

import (
	"fmt"
	"math"
	"strconv"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// percent is a place or a length across a drawing, which fills whatever page it is on.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 2, 64) + "%" }

// axis is lengths of time, in ms, on a logarithmic scale.
type axis struct{ low, high float64 }

// newAxis has room for all values that are lengths of time above 0, with some to spare.
func newAxis(values []float64) axis {
	const least = 0.01
	low, high := math.Inf(1), 0.0
	for _, v := range values {
		if v >= least && v < aYear {
			low, high = min(low, v), max(high, v)
		}
	}
	if high == 0 {
		return axis{100, 10_000}
	}
	for high/low < 4 { // so that a few close values do not look far apart
		low, high = low/1.2, high*1.2
	}
	spare := math.Pow(high/low, 0.07)
	return axis{low / spare, high * spare}
}

// share is how much of the axis is below a value: less than 0 or more than 1 beyond its ends, but
// not without bound.
func (a axis) share(ms record.Millis) float64 {
	return min(10, max(-10, math.Log(float64(ms)/a.low)/math.Log(a.high/a.low)))
}

// at is the same, with what is beyond the ends at them.
func (a axis) at(ms record.Millis) float64 { return min(1, max(0, a.share(ms))) }

// x is where a value is across the drawing.
func (a axis) x(ms record.Millis) percent { return percent(a.at(ms) * 100) }

// tick is a value that an axis marks.
type tick struct {
	ms   record.Millis
	Text string
}

// ticks are 1, 2 and 5 times the powers of ten, or fewer or more of a power where that would be
// too many or too few.
func (a axis) ticks() []tick {
	switch powers := math.Log10(a.high / a.low); {
	case powers > 3:
		return a.ticksAt(1)
	case powers > 1.3:
		return a.ticksAt(1, 2, 5)
	default:
		return a.ticksAt(1, 1.5, 2, 3, 4, 5, 7)
	}
}

func (a axis) ticksAt(factors ...float64) (all []tick) {
	for power := math.Pow(10, math.Floor(math.Log10(a.low))); power <= a.high; power *= 10 {
		for _, f := range factors {
			if ms := record.Millis(power * f); ms >= record.Millis(a.low) && ms <= record.Millis(a.high) {
				all = append(all, tick{ms, tickText(ms)})
			}
		}
	}
	return all
}

func tickText(ms record.Millis) string {
	if ms < 1000 {
		return fmt.Sprintf("%g ms", ms)
	}
	return fmt.Sprintf("%g s", ms/1000)
}

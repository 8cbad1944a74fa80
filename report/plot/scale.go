package plot

import (
	"cmp"
	"math"
	"strconv"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Where the values of a scale are, in percent of its length: a dot at an end is not cut off. Those
// that never came are in a lane at the far end.
const (
	scaleFrom, scaleTo     = 1.5, 98.5
	scaleToBesideLane      = 86
	laneFrom, laneTo, lane = 89, 100, 94.5
)

// mostTicks is how many ticks an axis has at most: their texts do not overlap on a phone.
const mostTicks = 6

// tick is a place of an axis with its text.
type tick struct {
	At   percent
	Text string
}

// scale lays values out on an axis.
type scale struct {
	Axis
	from, to float64 // the values at its ends
	Ticks    []tick
	HasNever bool
}

// newScale spans all values. It begins at 0 where fromZero says so, or where zero is close.
func newScale(axis Axis, values []stats.Value, fromZero bool) scale {
	s := scale{Axis: axis, from: math.Inf(1), to: math.Inf(-1)}
	s.Never = cmp.Or(axis.Never, "never")
	for _, v := range values {
		s.HasNever = s.HasNever || v.IsNever()
		if f := float64(v); s.shows(f) {
			s.from, s.to = min(s.from, f), max(s.to, f)
		}
	}
	if s.from > s.to { // there are no numbers
		s.from, s.to = 0, 1
		if s.Log {
			s.from = 0.1
		}
	}
	if s.Log {
		s.spanLog()
	} else {
		s.spanLinear(fromZero)
	}
	return s
}

// shows tells whether the axis has a place for a number.
func (s scale) shows(v float64) bool { return isNumber(v) && (!s.Log || v > 0) }

// spanLinear begins at 0, or a little before the least value, and ends a little after the largest.
func (s *scale) spanLinear(fromZero bool) {
	zero := s.from >= 0 && (fromZero || s.from <= s.to/2)
	if zero {
		s.from = 0
	}
	if s.from == s.to {
		apart := cmp.Or(math.Abs(s.from)/10, 1)
		s.from, s.to = s.from-apart, s.to+apart
	}
	const beyond = 0.03
	pad := beyond * (s.to - s.from)
	s.to += pad
	if zero {
		s.from = 0
	} else {
		s.from -= pad
	}
	step := s.step(s.to - s.from)
	first := math.Ceil(s.from/step - tolerance)
	for n := range mostTicks + 1 { // numbers so large that the next one is the same come to an end, too
		if v := (first + float64(n)) * step; v <= s.to {
			s.Ticks = append(s.Ticks, tick{s.at(v), s.text(v, max(math.Abs(s.from), s.to))})
		}
	}
}

// tolerance is for sums of floating-point numbers.
const tolerance = 1e-9

// step is the distance of ticks over a span: one, two or five of a power of ten, or of minutes, so
// that there are few.
func (s scale) step(span float64) float64 {
	least := span / (mostTicks - 1)
	if s.Unit == Count {
		least = max(least, 1)
	}
	const minute = 60_000
	if s.Unit == Millis && least > minute/6 && least < 60*minute {
		for _, minutes := range []float64{0.25, 0.5, 1, 2, 5, 10, 15, 30, 60} {
			if minutes*minute >= least {
				return minutes * minute
			}
		}
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= least*(1-tolerance) {
			return factor * power
		}
	}
	return 10 * power
}

// spanLog ends the scale at one, two or five of a power of ten.
func (s *scale) spanLog() {
	steps := []float64{1, 2, 5}
	down := func(v float64) float64 {
		power := math.Pow(10, math.Floor(math.Log10(v)+tolerance))
		for i := len(steps) - 1; i > 0; i-- {
			if steps[i]*power <= v*(1+tolerance) {
				return steps[i] * power
			}
		}
		return power
	}
	from, to := down(s.from), down(s.to)
	if to < s.to*(1-tolerance) || from == to {
		to = down(to * 2.5) // the next one
	}
	s.from, s.to = from, to
	powers := math.Log10(to) - math.Log10(from)
	if powers > 2 { // then powers alone, and not all of them
		steps = steps[:1]
	}
	skip := math.Ceil(powers / (mostTicks - 1))
	for exponent := math.Floor(math.Log10(from) + tolerance); exponent <= math.Log10(to)+tolerance; exponent += max(1, skip) {
		for _, factor := range steps {
			if v := factor * math.Pow(10, exponent); v >= from*(1-tolerance) && v <= to*(1+tolerance) {
				s.Ticks = append(s.Ticks, tick{s.at(v), s.text(v, v)})
			}
		}
	}
}

// at is where a number is; those beyond the ends are at the ends.
func (s scale) at(v float64) percent {
	share := (v - s.from) / (s.to - s.from)
	if s.Log {
		share = (math.Log(v) - math.Log(s.from)) / (math.Log(s.to) - math.Log(s.from))
	}
	return percent(scaleFrom + min(1, max(0, share))*(s.end()-scaleFrom))
}

func (s scale) end() float64 {
	if s.HasNever {
		return scaleToBesideLane
	}
	return scaleTo
}

// place is where a value is, in its lane if it never came; not ok if it is nowhere.
func (s scale) place(v stats.Value) (at percent, ok bool) {
	switch {
	case v.IsNever():
		return lane, s.HasNever
	case s.shows(float64(v)):
		return s.at(float64(v)), true
	default:
		return 0, false
	}
}

// text is a tick's; the unit is that of the largest beside it.
func (s scale) text(v, largest float64) string {
	short := func(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
	switch {
	case v == 0:
		return "0"
	case s.Unit == Ratio:
		return short(v*100) + " %"
	case s.Unit == Millis && largest < 1000:
		return short(v) + " ms"
	case s.Unit == Millis && largest < 150_000:
		return short(v/1000) + " s"
	case s.Unit == Millis:
		return short(v/60_000) + " min"
	case largest >= 1e6:
		return short(v/1e6) + "M"
	case largest >= 1e4:
		return short(v/1e3) + "k"
	default:
		return short(v)
	}
}

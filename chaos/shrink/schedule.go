// Package shrink finds the smallest schedule of faults that a run still fails with. It knows nothing of how a run is
// made, and decides by what it is told of runs alone.
package shrink

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Schedule is what is done in a run, and for how long that lasts.
type Schedule struct {
	Faults   []scenarios.Fault
	Duration units.Duration
}

// clone is the schedule with faults of its own.
func (s Schedule) clone() Schedule {
	s.Faults = slices.Clone(s.Faults)
	return s
}

// without is the schedule without some of its faults, by their numbers.
func (s Schedule) without(numbers []int) Schedule {
	left := Schedule{Duration: s.Duration}
	for i, f := range s.Faults {
		if !slices.Contains(numbers, i) {
			left.Faults = append(left.Faults, f)
		}
	}
	return left
}

// end is when a fault is over, as far as the schedule says so.
func (s Schedule) end(f scenarios.Fault) units.Duration {
	if _, momentary := f.Spec.(scenarios.Momentary); f.For == 0 && !momentary {
		return s.Duration
	}
	return f.At + f.For
}

const (
	// lead is what is left of the time before the first fault, and tail of that after the last one, so that
	// there is something to lose, and somebody to see what is lost.
	lead = units.Duration(time.Second)
	tail = units.Duration(time.Second)
	// pace is what times are whole multiples of, and the shortest for.
	pace = units.Duration(10 * time.Millisecond)
	// shortest is what a fault lasts at least.
	shortest = 5 * pace
)

// compact is the schedule without the times in which nothing is in force: before the first fault, between two and after
// the last one. A second of each is left.
func (s Schedule) compact() Schedule {
	if len(s.Faults) == 0 {
		s.Duration = min(s.Duration, lead+tail)
		return s
	}
	c := s.clone()
	var quiet units.Duration // since when nothing is in force, on the clock of s
	var cut units.Duration
	for _, i := range s.inOrder() {
		if idle := s.Faults[i].At - quiet; idle > lead {
			cut += idle - lead
		}
		quiet = max(quiet, s.end(s.Faults[i]))
		c.Faults[i].At -= cut
	}
	c.Duration = min(s.Duration, quiet+tail) - cut
	return c
}

// inOrder is the numbers of the faults by when they begin.
func (s Schedule) inOrder() []int {
	numbers := make([]int, len(s.Faults))
	for i := range numbers {
		numbers[i] = i
	}
	slices.SortStableFunc(numbers, func(a, b int) int { return cmp.Compare(s.Faults[a].At, s.Faults[b].At) })
	return numbers
}

// shortened is the schedule with the number-th fault as short as that, in the same order as before.
func (s Schedule) shortened(number int, lasts units.Duration) Schedule {
	c := s.clone()
	c.Faults[number].For = lasts
	return c
}

// closer is the schedule with a fault, and all that come after it, earlier by a time.
func (s Schedule) closer(number int, by units.Duration) Schedule {
	c := s.clone()
	from := c.Faults[number].At
	for i, f := range c.Faults {
		if f.At >= from && i != number {
			c.Faults[i].At -= by
		}
	}
	c.Faults[number].At -= by
	c.Duration -= by
	for _, f := range c.Faults {
		c.Duration = max(c.Duration, f.At+f.For) // of one that began before
	}
	return c
}

// before is when the last fault before the number-th begins; not ok if that is the first.
func (s Schedule) before(number int) (at units.Duration, ok bool) {
	for i, f := range s.Faults {
		if i != number && (f.At < s.Faults[number].At || f.At == s.Faults[number].At && i < number) {
			at, ok = max(at, f.At), true
		}
	}
	return at, ok
}

// key tells schedules apart.
func (s Schedule) key() string {
	var b strings.Builder
	fmt.Fprint(&b, s.Duration)
	for _, f := range s.Faults {
		settings := f.Spec
		f.Spec = nil // of which only the address would be written
		fmt.Fprintf(&b, "; %+v %+v", f, settings)
	}
	return b.String()
}

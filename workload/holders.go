package workload

import (
	"cmp"
	"slices"
)

// holding is the time in which a client believes that it holds a lock, in ms on
// the run's clock.
type holding struct {
	client int
	node   string // that granted it
	fromMS float64
	// untilMS is when it ends at the latest, with the ttl.
	untilMS float64
}

// overlap is a time in which two clients believed that they held one lock.
type overlap struct {
	fromMS, untilMS float64
	// nodes are those that granted the lock to the one who had it first, and to the
	// other.
	nodes [2]string
}

func (o overlap) lasted() float64 { return o.untilMS - o.fromMS }

// holders watches how one lock is held. It keeps only those that go on: when one
// ends, the others either go on beyond that or end with their ttl, so that what
// the two have in common is settled.
type holders struct {
	held     []holding
	overlaps []overlap
}

func (f *holders) begin(b holding) { f.held = append(f.held, b) }

// end ends the holding of a client at ms, or with its ttl if that was sooner.
func (f *holders) end(client int, ms float64) {
	i := slices.IndexFunc(f.held, func(b holding) bool { return b.client == client })
	over := f.held[i]
	f.held = slices.Delete(f.held, i, i+1)
	over.untilMS = min(over.untilMS, ms)
	for _, other := range f.held {
		first, second := other, over
		if over.fromMS < other.fromMS {
			first, second = over, other
		}
		o := overlap{second.fromMS, min(first.untilMS, second.untilMS), [2]string{first.node, second.node}}
		if o.lasted() > 0 {
			f.overlaps = append(f.overlaps, o)
		}
	}
}

// doubleMS is for how long in all two clients or more believed that they held the
// lock: a time that several overlaps share counts once.
func (f *holders) doubleMS() (sum float64) {
	slices.SortFunc(f.overlaps, func(a, b overlap) int { return cmp.Compare(a.fromMS, b.fromMS) })
	covered := 0.0
	for _, o := range f.overlaps {
		sum += max(0, o.untilMS-max(o.fromMS, covered))
		covered = max(covered, o.untilMS)
	}
	return sum
}

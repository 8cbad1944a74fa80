package check

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Holding is the time in which a client believes that it holds a lock, in ms on
// the run's clock.
type Holding struct {
	Client int
	Node   string // that granted it
	From   record.Millis
	// Until is when it ends at the latest, with the ttl.
	Until record.Millis
}

// overlap is a time in which two clients believed that they held one lock.
type overlap struct {
	from, until record.Millis
	// nodes are those that granted the lock to the one who had it first, and to the
	// other.
	nodes [2]string
}

func (o overlap) lasted() record.Millis { return o.until - o.from }

// Holders watches how one lock is held. It keeps only those that go on: when one
// ends, the others either go on beyond that or end with their ttl, so that what
// the two have in common is settled.
type Holders struct {
	held     []Holding
	overlaps []overlap
}

func (f *Holders) Begin(b Holding) { f.held = append(f.held, b) }

// End ends the holding of a client at ms, or with its ttl if that was sooner.
func (f *Holders) End(client int, ms record.Millis) {
	i := slices.IndexFunc(f.held, func(b Holding) bool { return b.Client == client })
	over := f.held[i]
	f.held = slices.Delete(f.held, i, i+1)
	over.Until = min(over.Until, ms)
	for _, other := range f.held {
		first, second := other, over
		if over.From < other.From {
			first, second = over, other
		}
		o := overlap{second.From, min(first.Until, second.Until), [2]string{first.Node, second.Node}}
		if o.lasted() > 0 {
			f.overlaps = append(f.overlaps, o)
		}
	}
}

// double is for how long in all two clients or more believed that they held the
// lock: a time that several overlaps share counts once.
func (f *Holders) double() (sum record.Millis) {
	slices.SortFunc(f.overlaps, func(a, b overlap) int { return cmp.Compare(a.from, b.from) })
	covered := record.Millis(0)
	for _, o := range f.overlaps {
		sum += max(0, o.until-max(o.from, covered))
		covered = max(covered, o.until)
	}
	return sum
}

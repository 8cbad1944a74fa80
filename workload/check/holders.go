package check

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// holding is the time in which a client believes that it holds a lock, in ms on
// the run's clock.
type holding struct {
	client      int
	node        string // that granted it
	from, until record.Millis
}

// overlap is a time in which two clients believed that they held one lock.
type overlap struct {
	from, until record.Millis
	// nodes are those that granted the lock to the one who had it first, and to the
	// other.
	nodes [2]string
}

func (o overlap) lasted() record.Millis { return o.until - o.from }

// overlaps calls f with each time that two clients held one lock at once, in the order in
// which these began, until f returns false. It sorts what it is given.
func overlaps(held []holding, f func(overlap) bool) {
	slices.SortFunc(held, func(a, b holding) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.client, b.client)) })
	var open []holding // those that had not ended when the last one began
	for _, second := range held {
		open = slices.DeleteFunc(open, func(first holding) bool { return first.until <= second.from })
		if second.until <= second.from {
			continue
		}
		for _, first := range open {
			if !f(overlap{second.from, min(first.until, second.until), [2]string{first.node, second.node}}) {
				return
			}
		}
		open = append(open, second)
	}
}

// doubled adds up for how long in all two clients or more believed that they held a
// lock: a time that several overlaps share counts once. It is told of overlaps in the order
// in which they began.
type doubled struct{ sum, covered record.Millis }

func (d *doubled) add(o overlap) {
	d.sum += max(0, o.until-max(o.from, d.covered))
	d.covered = max(d.covered, o.until)
}

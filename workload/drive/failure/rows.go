package failure

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

const (
	// Gap parts errors of the same kind that lie so far apart: they may come of
	// different faults.
	Gap = 1000
	// maxErrorRows bounds the rows of one kind and outcome; the last one goes on.
	maxErrorRows = 64
)

// Rows counts errors by kind and outcome, those that lie Gap or more apart
// by themselves. It is not safe for concurrent use: each client has its own, and they
// are merged in the end.
type Rows map[errorClass][]record.ErrorCount

// Add counts an error that ended a write at ms on the run's clock.
func (r *Rows) Add(o history.Outcome, err error, ms record.Millis) {
	class := errorClass{Kind(o, err), o}
	if *r == nil {
		*r = Rows{}
	}
	rows := (*r)[class]
	if !continues(rows, ms) {
		(*r)[class] = append(rows, class.first(err, ms))
		return
	}
	last := &rows[len(rows)-1]
	last.Count++
	last.First, last.Last = min(last.First, ms), max(last.Last, ms)
}

// continues tells whether an error at ms is one more of the last row.
func continues(rows []record.ErrorCount, ms record.Millis) bool {
	n := len(rows)
	return n == maxErrorRows || n > 0 && ms-rows[n-1].Last < Gap
}

// Merge adds the rows of another client, to be joined by List.
func (r *Rows) Merge(from Rows) {
	if *r == nil {
		*r = Rows{}
	}
	for class, rows := range from {
		(*r)[class] = append((*r)[class], rows...)
	}
}

// List joins the rows of all clients that lie close together, and gives them by time.
func (r Rows) List() []record.ErrorCount {
	var list []record.ErrorCount
	for _, rows := range r {
		slices.SortFunc(rows, byTime)
		var joined []record.ErrorCount
		for _, next := range rows {
			if continues(joined, next.First) {
				joined[len(joined)-1].Add(next)
			} else {
				joined = append(joined, next)
			}
		}
		list = append(list, joined...)
	}
	slices.SortFunc(list, byTime)
	return list
}

func byTime(a, b record.ErrorCount) int {
	return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome))
}

// Merge adds what rows counted.
func (t *Tally) Merge(from Rows) {
	if *t == nil {
		*t = Tally{}
	}
	for class, rows := range from {
		for _, row := range rows {
			if sum := (*t)[class]; sum != nil {
				sum.Add(row)
			} else {
				(*t)[class] = &row
			}
		}
	}
}

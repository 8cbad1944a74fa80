package drive

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

const (
	// ErrorGap parts errors of the same kind that lie so far apart: they may come of
	// different faults.
	ErrorGap = 1000
	// maxErrorRows bounds the rows of one kind and outcome; the last one goes on.
	maxErrorRows = 64
)

// errorRows counts errors by kind and outcome, those that lie errorGap or more apart
// by themselves. It is not safe for concurrent use: each client has its own, and they
// are merged in the end.
type errorRows map[errorClass][]record.ErrorCount

// add counts an error that ended a write at ms on the run's clock.
func (r *errorRows) add(o history.Outcome, err error, ms record.Millis) {
	class := errorClass{ErrorKind(o, err), o}
	if *r == nil {
		*r = errorRows{}
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
	return n == maxErrorRows || n > 0 && ms-rows[n-1].Last < ErrorGap
}

// merge adds the rows of another client, to be joined by list.
func (r *errorRows) merge(from errorRows) {
	if *r == nil {
		*r = errorRows{}
	}
	for class, rows := range from {
		(*r)[class] = append((*r)[class], rows...)
	}
}

// list joins the rows of all clients that lie close together, and gives them by time.
func (r errorRows) list() []record.ErrorCount {
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

// merge adds what rows counted.
func (t *ErrorTally) merge(from errorRows) {
	if *t == nil {
		*t = ErrorTally{}
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

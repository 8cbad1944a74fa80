package drive

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// ErrorTally counts errors by kind and outcome. It is not safe for concurrent use.
type ErrorTally map[errorClass]*record.ErrorCount

type errorClass struct {
	kind    string
	outcome history.Outcome
}

// exampleBytes bounds the length of an example.
const exampleBytes = 300

// Add counts an error that ended a write at ms on the run's clock.
func (t *ErrorTally) Add(o history.Outcome, err error, ms record.Millis) {
	class := errorClass{ErrorKind(o, err), o}
	if *t == nil {
		*t = ErrorTally{}
	}
	e := (*t)[class]
	if e == nil {
		first := class.first(err, ms)
		(*t)[class] = &first
		return
	}
	e.Count++
	e.Last = ms
}

// first counts the first error of a class.
func (c errorClass) first(err error, ms record.Millis) record.ErrorCount {
	example := err.Error()
	if len(example) > exampleBytes {
		example = example[:exampleBytes] + "…"
	}
	return record.ErrorCount{Kind: c.kind, Outcome: c.outcome.String(), Count: 1, First: ms, Last: ms, Example: example}
}

// List gives the counts, the most frequent first.
func (t ErrorTally) List() []record.ErrorCount {
	var list []record.ErrorCount
	for _, e := range t {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b record.ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome))
	})
	return list
}

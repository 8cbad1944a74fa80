package failure

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Tally counts errors by kind and outcome. It is not safe for concurrent use.
type Tally map[errorClass]*record.ErrorCount

type errorClass struct {
	kind    string
	outcome history.Outcome
}

// exampleBytes bounds the length of an example.
const exampleBytes = 300

// Add counts an error that ended a write at ms on the run's clock.
func (t *Tally) Add(o history.Outcome, err error, ms record.Millis) {
	class := errorClass{Kind(o, err), o}
	if *t == nil {
		*t = Tally{}
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
func (t Tally) List() []record.ErrorCount {
	var list []record.ErrorCount
	for _, e := range t {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b record.ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome))
	})
	return list
}

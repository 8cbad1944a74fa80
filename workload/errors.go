package workload

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// errorTally counts errors by kind and outcome. It is not safe for concurrent
// use: each client has its own, and they are merged in the end.
type errorTally map[errorClass]*record.ErrorCount

type errorClass struct {
	kind    string
	outcome outcome
}

// exampleBytes bounds the length of an example.
const exampleBytes = 300

// add counts an error that ended a write at ms on the run's clock.
func (t *errorTally) add(o outcome, err error, ms float64) {
	class := errorClass{errorKind(o, err), o}
	if *t == nil {
		*t = errorTally{}
	}
	e := (*t)[class]
	if e == nil {
		example := err.Error()
		if len(example) > exampleBytes {
			example = example[:exampleBytes] + "…"
		}
		e = &record.ErrorCount{Kind: class.kind, Outcome: o.String(), FirstMS: ms, Example: example}
		(*t)[class] = e
	}
	e.Count++
	e.LastMS = ms
}

// merge adds what another tally counted.
func (t *errorTally) merge(from errorTally) {
	if *t == nil {
		*t = errorTally{}
	}
	for class, e := range from {
		sum := (*t)[class]
		if sum == nil {
			first := *e
			(*t)[class] = &first
			continue
		}
		sum.Count += e.Count
		sum.LastMS = max(sum.LastMS, e.LastMS)
		if e.FirstMS < sum.FirstMS {
			sum.FirstMS, sum.Example = e.FirstMS, e.Example
		}
	}
}

// list gives the counts, the most frequent first.
func (t errorTally) list() []record.ErrorCount {
	var list []record.ErrorCount
	for _, e := range t {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b record.ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome))
	})
	return list
}

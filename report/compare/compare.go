// Package compare tells how two sets of runs differ: in what was run, and in what came of it,
// with the size and the certainty of each change.
package compare

import (
	"github.com/redis-chaos/redis-chaos/report/set"
)

// Compare tells how set b differs from set a, either of which may come from elsewhere. The error
// is a *DifferentError where they are of different scenarios, and a *UnknownError where a bound is
// about a figure that neither has.
func Compare(a, b *set.Set, o Options) (*Comparison, error) {
	if err := check(a, o.A); err != nil {
		return nil, err
	}
	if err := check(b, o.B); err != nil {
		return nil, err
	}
	c := &Comparison{Schema: Schema, Level: level, Find: find, A: side(a, o.A), B: side(b, o.B), Checks: []Check{}, Notes: notes(a, b, o)}
	var err error
	if c.Differences, err = differences(a, b, o); err != nil {
		return nil, err
	}
	if some := different(c.Differences); len(some) > 0 && !o.Force {
		return nil, &DifferentError{A: o.A, B: o.B, Differences: some}
	}
	figures, err := figuresOf(a, b)
	if err != nil {
		return nil, err
	}
	test(figures)
	if c.Checks, err = judge(o.Bounds, figures); err != nil {
		return nil, err
	}
	c.Figures = inOrder(figures)
	c.Verdict = overall(c.Figures)
	return c, nil
}

func side(s *set.Set, name string) Side {
	counted := len(set.Carried(s.Runs))
	return Side{Name: name, ID: s.ID, Scenario: s.Scenario, Started: s.Started, Runtime: s.Runtime, Server: s.Server, Runs: counted, NotCarriedOut: len(s.Runs) - counted}
}

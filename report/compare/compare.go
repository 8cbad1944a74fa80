// Package compare tells how two sets of runs differ: in what was run, and in what came of it,
// with the size and the certainty of each change.
package compare

import (
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Schema names the form of compare.json. Fields are added, never renamed.
const Schema = "redis-chaos/compare/v1"

const (
	// level is up to which p-value, corrected for the number of tests, a change is sure.
	level = 0.05
	// find is the change that it is told of how many runs find it, by the median of a.
	find = 0.2
)

// Comparison is how set B differs from set A.
type Comparison struct {
	Schema string `json:"schema"`
	A      Side   `json:"a"`
	B      Side   `json:"b"`
	// Level is up to which corrected p-value a change is sure, and Find the change that Needed
	// of a figure is about, by the median of A.
	Level float64 `json:"level"`
	Find  float64 `json:"find"`
	// Differences are what was run differently.
	Differences []Difference `json:"differences"`
	Verdict     Verdict      `json:"verdict"`
	// Figures are those of either set: the sure changes first, the worse before the better.
	Figures []Figure `json:"figures"`
	// Checks are the bounds on changes that were asked for.
	Checks []Check  `json:"checks"`
	Notes  []string `json:"notes"`
}

// Side is one of the two sets.
type Side struct {
	// Name is what it was given as: its folder.
	Name     string        `json:"name"`
	ID       string        `json:"id"`
	Scenario string        `json:"scenario"`
	Started  time.Time     `json:"started"`
	Runtime  string        `json:"runtime"`
	Server   record.Server `json:"server"`
	// Runs is how many count, and NotCarriedOut how many do not.
	Runs          int `json:"runs"`
	NotCarriedOut int `json:"not_carried_out"`
}

// Difference is a setting that the two sets do not have in common; "" where one has none.
type Difference struct {
	// Path is as --set takes it, of a scenario; or server, runtime, engine, tool, with a field.
	Path string `json:"path"`
	A    string `json:"a"`
	B    string `json:"b"`
	// Scenario: it makes them different scenarios, not one on different subjects.
	Scenario bool `json:"different_scenario,omitempty"`
}

// Verdict is what can be said of a change.
type Verdict string

// The verdicts. Those on all figures are Worse, Better, Changed (which of the two is not
// known, or some of each), Unchanged and Undecided.
const (
	Worse      Verdict = "worse"
	Better     Verdict = "better"
	Changed    Verdict = "changed"
	Unchanged  Verdict = "no change found" // and one by Find is ruled out, or would probably have been found
	Undecided  Verdict = "too few runs"
	Same       Verdict = "the same in every run"
	Unmeasured Verdict = "not measured"
)

// Sure tells whether a change was found.
func (v Verdict) Sure() bool { return v == Worse || v == Better || v == Changed }

// Figure is how one figure changed.
type Figure struct {
	Name string   `json:"name"`
	Unit set.Unit `json:"unit"`
	// Good says which is better: "less" or "more"; "" if neither is.
	Good    Good          `json:"good"`
	A       stats.Summary `json:"a"`
	B       stats.Summary `json:"b"`
	Verdict Verdict       `json:"verdict"`
	stats.Comparison
	// Corrected is P corrected for how many figures were tested; nil if this one was not:
	// however the values are dealt out to the two sets, P cannot be as low as Level.
	Corrected *float64 `json:"p_corrected"`
	// Needed is how many runs each set needs for a change by Find to be found with a probability
	// of 80 %; nil if the values do not tell.
	Needed *int `json:"needed"`
	// Reason says why it was not measured in A, or in B.
	Reason string `json:"reason,omitempty"`

	primary bool
	a, b    []stats.Value
}

// Good says of a figure which is better.
type Good string

// What Good can be.
const (
	Less Good = "less"
	More Good = "more"
)

// Options are how sets are compared.
type Options struct {
	// A and B are what the sets are called.
	A, B string
	// Bounds are on changes.
	Bounds []Bound
	// Force compares sets of different scenarios, too.
	Force bool
}

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

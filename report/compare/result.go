package compare

import (
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Schema names the form of compare.json. Fields are added, never renamed.
const Schema = "redis-chaos/compare/v1"

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

// Bound is on the change of a figure: "failover_time > +20%". It is broken if the figure changed
// for sure, and by more than that.
type Bound struct {
	Figure string
	// Text is the bound as it was given.
	Text string
	// Less: the change that is meant is a decrease; By is negative then, or 0.
	Less bool
	// Relative: By is in parts of the median of A, else in the figure's unit.
	Relative bool
	By       float64
}

// Check is a bound and what was found.
type Check struct {
	Bound  string `json:"bound"`
	Figure string `json:"figure"`
	// OK: the bound is not broken, as far as the runs can tell.
	OK bool `json:"ok"`
	// Decided: there are enough runs for a change by so much to be found.
	Decided bool `json:"decided"`
	// Corrected is the p-value, corrected for the number of figures that there are bounds on.
	Corrected *float64 `json:"p_corrected"`
	Shown     string   `json:"shown"` // what was found, as a person reads it
}

// Failed tells whether a bound is broken.
func (c *Comparison) Failed() bool { return len(c.broken()) > 0 }

// broken is the figures that bounds are broken on.
func (c *Comparison) broken() (names []string) {
	for _, check := range c.Checks {
		if !check.OK && !slices.Contains(names, check.Figure) {
			names = append(names, check.Figure)
		}
	}
	return names
}

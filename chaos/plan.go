package chaos

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Step is a fault of a scenario as it is planned.
type Step struct {
	Index int // among the scenario's faults
	Name  string
	// When says when it begins, and how long it lasts: "at 5s for 10s".
	When   string
	Kind   string
	Detail string // "SIGKILL"
	// Targets says in words which nodes it is done to.
	Targets string
	// Needs is what not every runtime that deploys clusters can do.
	Needs []compose.Ability

	at     units.Duration
	finder aim.Finder
}

// Plan lists the steps of a scenario in the order in which they begin; where that is not known from the
// scenario alone, in its own.
func Plan(s *scenarios.Scenario) ([]Step, error) {
	var steps []Step
	for i, f := range s.Faults {
		kind, err := asFault(i, f)
		if err != nil {
			return nil, err
		}
		finder := kind.Targets()
		steps = append(steps, Step{
			Index: i, Name: f.Name, When: when(f), Kind: f.Kind, Detail: detail(kind), Targets: finder.String(), Needs: slices.DeleteFunc(needsOf(kind), compose.Ability.Usual), at: f.At, finder: finder,
		})
	}
	if s.Planned() { // else what follows what is seen best in the order of the scenario
		slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.at, b.at) })
	}
	return steps, nil
}

// when says when a fault begins and ends.
func when(f scenarios.Fault) string {
	if f.After != nil || f.When != nil || f.Every > 0 || f.Rolling != nil {
		return f.Moments()
	}
	text := "at " + f.At.String()
	if _, momentary := f.Spec.(scenarios.Momentary); momentary {
		return text
	}
	if f.For == 0 {
		return text + " to the end"
	}
	return text + " for " + f.For.String()
}

// On finds the targets of the step on a topology, as a run with that seed would. The error also tells that the
// run would leave the step out.
func (s Step) On(t observe.Topology, seed int64) (aim.Targets, error) {
	return s.finder.Find(t, aim.Draw{Seed: seed, Step: s.Index})
}

package shrink

import (
	"context"
	"errors"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Fails makes one run of a schedule, and tells whether it fails in the way that is looked for. An error ends the
// search, unless it is ErrNotRun.
type Fails func(ctx context.Context, s Schedule) (bool, error)

// ErrNotRun is in the chain of the error of a smaller schedule that cannot be carried out, as when a replica is to take
// over that has done so before. It is given up.
var ErrNotRun = errors.New("it could not be carried out")

// Options are how a schedule is shrunk.
type Options struct {
	// Runs is how many runs a smaller schedule is given at most to fail.
	Runs int
	// Confirm is how many runs of the smallest schedule are made in the end, to tell how often it fails.
	Confirm int
	// Valid tells whether a schedule can be run; nil: all can.
	Valid func(Schedule) bool
	// Simpler lists faults with simpler settings that may do as well, the simplest first; nil: there are none.
	Simpler func(scenarios.Fault) []scenarios.Fault
	// Enough is asked before each trial whether to end with what is known; nil: never.
	Enough func() bool
	// Tell is told of every trial, and of what was tried; it may be nil.
	Tell func(Trial, Schedule)
}

// Miss is the chance that is taken of a schedule that fails as often as the last one being held for one that does not.
const Miss = 0.05

// Trial is a smaller schedule that was tried.
type Trial struct {
	// Change is what makes it smaller than the last one that failed.
	Change   string `json:"change"`
	Faults   int    `json:"faults"`
	Duration string `json:"duration"`
	// Runs were made, of MostRuns, until one failed.
	Runs     int `json:"runs"`
	MostRuns int `json:"most_runs"`
	Failed   int `json:"failed"`
	// NotRun: it could not be carried out, and was given up.
	NotRun bool `json:"not_run"`
	// Kept: it failed, and is what is made smaller next.
	Kept bool `json:"kept"`
	// Missed is how likely it is, where none of its runs failed, that it fails as often as the last one that did; 0
	// where one failed.
	Missed float64 `json:"missed"`
}

// Ending is why a search ended.
type Ending string

// The reasons for the end of a search.
const (
	Smallest      Ending = "smallest"       // nothing that can be left out was found
	NotReproduced Ending = "not_reproduced" // it did not fail again
	OutOfTime     Ending = "out_of_time"
	Interrupted   Ending = "interrupted"
	Broken        Ending = "error" // a run could not be made
)

// Result is what came of shrinking.
type Result struct {
	// Schedule is the smallest one that was seen failing; the first one if that did not fail again.
	Schedule Schedule
	Ending   Ending
	Trials   []Trial
	// Runs is how many were made of all schedules, and MadeOf and FailedOf of the smallest one to confirm it, or, where
	// there was no time for these, to find it.
	Runs, MadeOf, FailedOf int
	// Chance is how often it fails, by these, and Low to High where that is with 95 % confidence.
	Chance, Low, High float64
	// Missed is the worst of the trials of leaving out or shortening a part of it: how likely it is that one of them fails as
	// often, though it was not seen.
	Missed float64
}

// search is the search for the smallest schedule under way.
type search struct {
	Options
	fails  Fails
	best   Schedule // the smallest that was seen failing
	made   int      // runs of it
	failed int      // of these
	chance estimate
	tried  map[string]bool // schedules that did not fail
	over   bool            // there is no more time
	result Result
}

// once makes a run, and counts it: 1 if it failed.
func (h *search) once(ctx context.Context, s Schedule) (int, error) {
	failed, err := h.fails(ctx, s.clone())
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	h.result.Runs++
	if failed {
		return 1, nil
	}
	return 0, nil
}

// ended tells whether no more is to be tried.
func (h *search) ended() bool {
	h.over = h.over || h.Enough != nil && h.Enough()
	return h.over
}

func (h *search) note(t Trial, s Schedule) {
	t.Faults, t.Duration = len(s.Faults), s.Duration.String()
	h.result.Trials = append(h.result.Trials, t)
	if h.Tell != nil {
		h.Tell(t, s)
	}
}

// try gives a smaller schedule runs until one fails, or that has become unlikely; true if one did. It is the best one then.
func (h *search) try(ctx context.Context, change string, s Schedule) (bool, error) {
	if h.tried[s.key()] || h.ended() || h.Valid != nil && !h.Valid(s) {
		return false, nil
	}
	t := Trial{Change: change, MostRuns: h.chance.needed(Miss, h.Runs)}
	for t.Runs < t.MostRuns && t.Failed == 0 {
		failed, err := h.once(ctx, s)
		if t.NotRun = ctx.Err() == nil && errors.Is(err, ErrNotRun); t.NotRun {
			break
		}
		if err != nil {
			return false, err
		}
		t.Runs++
		t.Failed += failed
	}
	switch t.Kept = t.Failed > 0; {
	case t.Kept:
		h.chance.grow(t.Failed, t.Runs)
		h.best, h.made, h.failed = s, t.Runs, t.Failed
	case t.NotRun:
		h.tried[s.key()] = true
	default:
		h.tried[s.key()] = true
		t.Missed = h.chance.missed(t.Runs)
	}
	h.note(t, s)
	return t.Kept, nil
}

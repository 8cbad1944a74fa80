package soak

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/chaos/random"
	"github.com/redis-chaos/redis-chaos/chaos/shrink"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// ShrinkOutcome is what is left of shrinking.
type ShrinkOutcome struct {
	Shrunk *Shrunk
	Dir    string
}

// Shrink finds the smallest schedule of faults with which a scenario fails, as soak does with what it has found. The
// error tells why the search came to an early end; the outcome then holds what is known all the same.
func Shrink(ctx context.Context, s *scenarios.Scenario, o Options) (*ShrinkOutcome, error) {
	started := time.Now()
	plain, err := random.Plain(s, seedOf(o.Seed, s))
	if err != nil {
		return nil, err
	}
	files, err := begin(s, o.Options, experiment.NewID(s.Name+"-shrink", started))
	if err != nil {
		return nil, err
	}
	defer files.Close()
	inner := o.Options
	inner.Progress = nil
	if o.Status != nil {
		inner.Status = func(text string) { o.Status("shrinking: " + text) }
	}
	k := &shrinking{Shrinking: *o.Shrink, scenario: plain, files: files, rounds: newRounds(o.made, inner, files.Dir), unexplained: o.Unexplained, progress: o.Progress}
	shrunk, err := k.run(ctx)
	err = errors.Join(err, k.rounds.close(ctx))
	return &ShrinkOutcome{Shrunk: shrunk, Dir: files.Dir}, err
}

// shrinking is the search for the smallest schedule of a scenario under way.
type shrinking struct {
	Shrinking
	scenario *scenarios.Scenario // without random faults
	files    folder.Folder
	rounds   *rounds
	// violated are the expectations one of which a run has to violate to count as failing; none: those of the first one
	// that fails.
	violated    []string
	unexplained bool
	progress    func(string)
	// last is the run that failed last.
	last  *experiment.Outcome
	trial int
}

// run searches, and writes what it finds.
func (k *shrinking) run(ctx context.Context) (*Shrunk, error) {
	if k.progress == nil {
		k.progress = func(string) {}
	}
	k.rounds.most = mostBrokenTrials
	begun := time.Now()
	was := shrink.Schedule{Faults: k.scenario.Faults, Duration: k.scenario.Duration}
	k.progress("shrinking " + words.Plural(int64(len(was.Faults)), "fault"))
	var unwritten error
	r, err := shrink.Shrink(ctx, was, k.fails, shrink.Options{
		Runs: k.Runs, Confirm: k.Confirm, Valid: k.valid, Simpler: k.simpler,
		Enough: func() bool { return k.For > 0 && time.Since(begun) > k.For },
		Tell: func(t shrink.Trial, s shrink.Schedule) {
			k.tell(t)
			if t.Kept && unwritten == nil { // so that it is there whatever happens
				unwritten = k.write(s)
			}
		},
	})
	shrunk := &Shrunk{
		Schema: ShrinkSchema, Scenario: k.scenario.Name, Seed: k.scenario.Seed, Duration: record.InMillis(time.Since(begun)),
		Violated: append([]string{}, k.violated...), Ended: r.Ending, Faults: len(was.Faults), Left: len(r.Schedule.Faults), RunDuration: r.Schedule.Duration.String(),
		Runs: r.Runs, Of: r.MadeOf, FailedOf: r.FailedOf, Low: r.Low, High: r.High, Trials: r.Trials,
	}
	if err != nil {
		shrunk.Error = err.Error()
	}
	if r.Ending == shrink.Smallest {
		shrunk.Missed = &r.Missed
	}
	if shrunk.Reproduced() {
		shrunk.Schedule = k.files.Path(shrunkName)
		if k.last != nil {
			shrunk.Dir = k.last.Dir
		}
	}
	_, _, failed := k.files.WriteTogether(folder.Rendered(ShrinkForms().Files, shrunk))
	return shrunk, errors.Join(err, unwritten, failed)
}

// plain is the scenario with another schedule.
func (k *shrinking) plain(s shrink.Schedule) *scenarios.Scenario {
	plain := *k.scenario
	plain.Faults, plain.Duration = s.Faults, s.Duration
	return &plain
}

const (
	// mostTries is how many runs of a schedule may not be carried out before that is put down to the schedule, and
	// mostBrokenTrials how many in a row before it is put down to the machine.
	mostTries        = 3
	mostBrokenTrials = 10
)

// fails implements shrink.Fails.
func (k *shrinking) fails(ctx context.Context, s shrink.Schedule) (bool, error) {
	var o *experiment.Outcome
	for tries := 0; o == nil; tries++ {
		if tries == mostTries {
			return false, shrink.ErrNotRun
		}
		var err error
		if o, err = k.rounds.run(ctx, k.plain(s)); err != nil {
			return false, err
		}
	}
	var names []string
	for _, v := range violated(o.Result, k.unexplained) {
		names = append(names, v.Name)
	}
	if len(k.violated) == 0 {
		k.violated = names
	}
	if !slices.ContainsFunc(names, func(n string) bool { return slices.Contains(k.violated, n) }) {
		k.rounds.discard(o)
		return false, nil
	}
	if k.last != nil {
		k.rounds.discard(k.last)
	}
	k.last = o
	return true, nil
}

// valid tells whether a scenario with that schedule can be run.
func (k *shrinking) valid(s shrink.Schedule) bool {
	source, err := k.plain(s).YAML()
	if err != nil {
		return false
	}
	_, err = parse.Scenario(shrunkName, source, experiment.Catalog(), nil)
	return err == nil
}

// simpler lists a fault with the defaults of its kind, aimed as it is.
func (k *shrinking) simpler(f scenarios.Fault) []scenarios.Fault {
	was, ok := f.Spec.(chaos.Fault)
	if !ok {
		return nil
	}
	fresh, ok := experiment.Catalog().Faults[f.Kind]().(chaos.Fault)
	if !ok {
		return nil
	}
	spec, err := chaos.AimedAs(fresh, was)
	if err != nil {
		return nil
	}
	simpler := f
	simpler.Spec = spec
	before, err := textOf(f)
	after, same := textOf(simpler)
	if err != nil || same != nil || before == after {
		return nil
	}
	return []scenarios.Fault{simpler}
}

// textOf is a fault as it is written.
func textOf(f scenarios.Fault) (string, error) {
	n, err := f.MarshalNode()
	if err != nil {
		return "", err
	}
	return n.Line(), nil
}

// tell tells of a trial in a line.
func (k *shrinking) tell(t shrink.Trial) {
	k.trial++
	came := "does not fail"
	switch {
	case t.Kept:
		came = "fails"
	case t.NotRun:
		came = "cannot be carried out"
	}
	k.progress(fmt.Sprintf("trial %d: %s: %s (%d of %s); %s, %s", k.trial, t.Change, came, t.Failed, words.Plural(int64(t.Runs), "run"), words.Plural(int64(t.Faults), "fault"), t.Duration))
}

// write writes the smallest schedule that is known.
func (k *shrinking) write(s shrink.Schedule) error {
	comment := fmt.Sprintf("The smallest schedule known to fail, of %s; shrink.json tells how it was found.\nIt does not hold: %s.", words.Plural(int64(len(k.scenario.Faults)), "fault"), strings.Join(k.violated, ", "))
	if k.last != nil {
		comment += fmt.Sprintf("\nA run of it is in %s.", filepath.Base(k.last.Dir))
	}
	return writeScenario(k.files, shrunkName, k.plain(s), comment)
}

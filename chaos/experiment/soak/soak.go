// Package soak makes rounds of random faults until one does not hold what it is to, and finds the smallest schedule
// of faults that does it.
package soak

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/repeat"
	"github.com/redis-chaos/redis-chaos/chaos/random"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Outcome is what is left of a soak.
type Outcome struct {
	Soak *Soak
	// Dir is its folder.
	Dir string
}

// Run makes rounds, each a run of the scenario with a seed of its own, until one does not hold what it is to,
// the time is over, or ctx ends. The error tells why the rounds, or the shrinking, came to an early end; the outcome then
// holds what is known all the same.
func Run(ctx context.Context, s *scenarios.Scenario, o Options) (*Outcome, error) {
	started := time.Now()
	result := &Soak{
		Schema: Schema, ID: experiment.NewID(s.Name+"-soak", started), Scenario: s.Name, Tool: o.Tool, Started: started,
		Seed: seedOf(o.Seed, s), Asked: record.InMillis(o.For), Made: []Round{},
	}
	if o.Command != nil {
		result.Command = o.Command(result.Seed)
	}
	files, err := begin(s, o.Options, result.ID)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	k := &soaking{Options: o, scenario: s, files: files, result: result, started: started}
	if k.Progress == nil {
		k.Progress = func(string) {}
	}
	inner := o.Options
	inner.Progress = nil // of the single runs, whose faults nobody wants to read of by the hundred
	inner.Status = k.status(o.Status)
	k.rounds = newRounds(o.made, inner, files.Dir)
	err = k.all(ctx)
	result.Duration = record.InMillis(time.Since(started))
	switch {
	case result.Found != nil:
		result.Ended = WasFound
		// What was found is on the disk before hours may pass.
		err = errors.Join(err, k.write())
		if err == nil && o.Shrink != nil {
			err = k.shrink(ctx)
		}
	case ctx.Err() != nil:
		result.Ended = Interrupted
	case err != nil:
		result.Ended, result.Error = Failed, err.Error()
	default:
		result.Ended = TimeUp
	}
	err = errors.Join(err, k.rounds.close(ctx))
	return &Outcome{Soak: result, Dir: files.Dir}, errors.Join(err, k.write())
}

// soaking is a soak under way.
type soaking struct {
	Options
	scenario *scenarios.Scenario
	files    folder.Folder
	rounds   *rounds
	result   *Soak
	started  time.Time
	// found is the scenario of the round that ended the soak, with nothing left to chance.
	found *scenarios.Scenario
}

// all makes the rounds. The error is why no more could be made, though there is time and nothing was found.
func (k *soaking) all(ctx context.Context) error {
	for n := 0; n == 0 || time.Since(k.started) < k.For; n++ {
		seed := repeat.SeedOf(k.result.Seed, n)
		plain, err := random.Plain(k.scenario, seed)
		if err != nil {
			return err
		}
		began := time.Now()
		asked := *k.scenario
		asked.Seed = seed
		o, err := k.rounds.run(ctx, &asked)
		if err != nil {
			return err
		}
		k.result.Rounds++
		if o == nil {
			k.result.NotRun++
			k.result.Made = append(k.result.Made, Round{Seed: seed, Verdict: report.Error, Duration: record.InMillis(time.Since(began)), Error: k.rounds.why})
			continue
		}
		against := violated(o.Result, k.Unexplained)
		round := Round{Seed: seed, Verdict: verdict(against), Duration: record.InMillis(time.Since(began)), Violated: against}
		round.add(o.Result)
		k.result.Made = append(k.result.Made, round)
		k.result.add(o.Result)
		k.tell(o.Result, against)
		if len(against) > 0 {
			k.found = plain
			k.result.Found = &Found{Round: n + 1, Seed: seed, Violated: against, Dir: o.Dir, Faults: len(plain.Faults), Schedule: k.files.Path(foundName)}
			return writeScenario(k.files, foundName, plain, fmt.Sprintf("Round %d of %s, which did not hold:\n%s\nIts run is in %s.", n+1, k.result.ID, lines(against), filepath.Base(o.Dir)))
		}
		k.rounds.discard(o)
	}
	return nil
}

// add sums up what a round came to.
func (t *Totals) add(r *report.Result) {
	t.Faults += len(r.Faults)
	t.Failovers += len(r.Failovers)
	t.Outages += len(r.Outages)
	t.Unexplained += uncaused(r)
	t.Acked += r.Writes.Acked
	if r.Writes.Lost != nil {
		t.Lost += *r.Writes.Lost
	}
}

// tell tells of a round in a line.
func (k *soaking) tell(r *report.Result, against []Violation) {
	text := fmt.Sprintf("round %d: %s: %s, %s, %s", k.result.Rounds, strings.ToUpper(string(verdict(against))), words.Plural(int64(len(r.Faults)), "fault"), words.Plural(int64(len(r.Failovers)), "failover"), words.Plural(int64(len(r.Outages)), "outage"))
	if r.Writes.Lost != nil {
		text += fmt.Sprintf(", %d of %s lost", *r.Writes.Lost, words.Plural(r.Writes.Acked, "write"))
	}
	for _, v := range against {
		text += "; " + v.String()
	}
	k.Progress(text + fmt.Sprintf(" (seed %d)", r.Run.Seed))
}

func verdict(against []Violation) report.Verdict {
	if len(against) > 0 {
		return report.Fail
	}
	return report.Pass
}

// status tells how far the soak is, whenever the run of a round tells how far that is.
func (k *soaking) status(tell func(string)) func(string) {
	if tell == nil {
		return nil
	}
	return func(text string) {
		if k.result.Found != nil {
			tell("shrinking: " + text)
			return
		}
		tell(fmt.Sprintf("round %d, %s of %s: %s", k.result.Rounds+1, time.Since(k.started).Truncate(time.Second), k.For, text))
	}
}

// write writes what is known.
func (k *soaking) write() error {
	_, _, err := k.files.WriteTogether(folder.Rendered(Forms().Files, k.result))
	return err
}

// lines are violations, one a line.
func lines(all []Violation) string {
	var b strings.Builder
	for _, v := range all {
		b.WriteString("  " + v.String() + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// shrink shrinks what a soak has found.
func (k *soaking) shrink(ctx context.Context) error {
	s := &shrinking{Shrinking: *k.Shrink, scenario: k.found, files: k.files, rounds: k.rounds, unexplained: k.Unexplained, progress: k.Progress}
	for _, v := range k.result.Found.Violated {
		s.violated = append(s.violated, v.Name)
	}
	var err error
	k.result.Shrunk, err = s.run(ctx)
	return err
}

package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/repeat"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// untilFailureLimit is how many runs --until-failure makes at most if nobody says otherwise.
const untilFailureLimit = 100

// mostRuns bounds a set.
const mostRuns = 10_000

func repeatFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "repeat", Usage: "make `N` runs of each scenario, and a set of them: medians, percentiles, intervals"},
		&cli.BoolFlag{Name: "until-failure", Usage: fmt.Sprintf("make runs until one fails, %d at most, or as many as --repeat says", untilFailureLimit)},
	}
}

// repeats are the flags about sets; nil if single runs are asked for.
func repeats(c *cli.Context) (*repeat.Options, error) {
	if !c.IsSet("repeat") && !c.Bool("until-failure") {
		for _, name := range []string{"parallel", "reuse"} {
			if c.IsSet(name) {
				return nil, usage(fmt.Errorf("--%s is about several runs of a scenario; give --repeat N as well", name))
			}
		}
		return nil, nil
	}
	runs := untilFailureLimit
	if c.IsSet("repeat") {
		runs = c.Int("repeat")
	}
	if runs < 1 || runs > mostRuns {
		return nil, usage(fmt.Errorf("--repeat %d: a set has 1 to %d runs", runs, mostRuns))
	}
	if c.Bool("keep") {
		return nil, usage(errors.New("--keep is about one run; leave it or --repeat out"))
	}
	many, err := batchOptions(c)
	if err != nil {
		return nil, err
	}
	return &repeat.Options{Options: many, Runs: runs, UntilFailure: c.Bool("until-failure")}, nil
}

// runSets makes a set of each scenario, one after the other.
func runSets(c *cli.Context, loaded []*scenarios.Scenario, o repeat.Options, ports compose.PortPolicy) error {
	worst := exitOK
	for i, s := range loaded {
		progress := newProgress(c.App.ErrWriter, c.Bool("quiet"))
		o.Options.Options = runOptions(c, ports, progress)
		o.Command = commandLine(c, c.Args().Get(i))
		outcome, err := repeat.Run(c.Context, s, o)
		progress.end()
		code, err := concludeSet(c, outcome, err)
		if c.Context.Err() != nil || len(loaded) == 1 {
			return exitError{code, err}
		}
		if err != nil {
			fmt.Fprintf(c.App.ErrWriter, "chaos: %s: %v\n", s.Name, err)
		}
		worst = max(worst, code)
	}
	return exitError{code: worst}
}

// concludeSet prints what came of a set and tells its exit code.
func concludeSet(c *cli.Context, outcome *repeat.Outcome, err error) (int, error) {
	end := endedBy(c.Context, err)
	if outcome != nil {
		end.unprinted(printForm(c.App.Writer, set.Forms(), outcome.Set, printing{asJSON: c.Bool("json")}, outcome.Reports))
	}
	return end.exit(func() int { return verdictCode(outcome.Set.Verdict) })
}

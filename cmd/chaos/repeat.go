package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/repeat"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report"
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

// batchFlags are those of every command that makes many runs.
func batchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "parallel", Usage: "of several runs, make `N` at once (default: as many as the machine has room for, by what the first one takes)"},
		&cli.StringFlag{Name: "reuse", Value: string(batch.ReuseAuto), Usage: "whether a cluster serves several runs: always, never, or auto, which is where that is quicker; `WHEN`"},
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

// batchOptions are the flags about many runs.
func batchOptions(c *cli.Context) (batch.Options, error) {
	o := batch.Options{Parallel: c.Int("parallel"), Reuse: batch.Reuse(c.String("reuse"))}
	if c.IsSet("parallel") && (o.Parallel < 1 || o.Parallel > batch.MostParallel) {
		return o, usage(fmt.Errorf("--parallel %d: 1 to %d runs can be made at once", o.Parallel, batch.MostParallel))
	}
	if known := []batch.Reuse{batch.ReuseAuto, batch.ReuseNever, batch.ReuseAlways}; !slices.Contains(known, o.Reuse) {
		return o, usage(fmt.Errorf("--reuse %s: known are auto, never, always", o.Reuse))
	}
	return o, nil
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
	failed, endedBy := err != nil, exitInterrupted
	if c.Context.Err() != nil {
		err = beyondInterrupt(err)
		endedBy = interruptedCode(err)
	}
	if outcome != nil {
		if printErr := printForm(c.App.Writer, set.Forms(), outcome.Set, printing{asJSON: c.Bool("json")}, outcome.Reports); printErr != nil && !failed {
			err, failed = printErr, true
		}
	}
	switch {
	case c.Context.Err() != nil:
		return endedBy, err
	case failed:
		return exitNotRun, err
	case outcome.Set.Verdict == report.Error:
		return exitNotRun, nil
	case outcome.Set.Verdict == report.Fail:
		return exitExpectation, nil
	default:
		return exitOK, nil
	}
}

// commandLine is the command that does the same with one scenario: flags that were given, and
// the name.
func commandLine(c *cli.Context, names ...string) string {
	words := append([]string{"chaos", c.Command.Name}, names...)
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if !c.IsSet(name) || slices.Contains([]string{"out", "json", "quiet", "resume", "plan"}, name) {
			continue
		}
		switch f := f.(type) {
		case *cli.BoolFlag:
			if c.Bool(name) {
				words = append(words, "--"+name)
			}
		case *cli.StringSliceFlag:
			for _, value := range c.StringSlice(name) {
				words = append(words, "--"+name, quoted(value))
			}
		default:
			words = append(words, "--"+name, quoted(fmt.Sprint(c.Value(f.Names()[0]))))
		}
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@%+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

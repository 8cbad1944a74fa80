package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/soak"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func soakCommand() *cli.Command {
	return &cli.Command{
		Name:      "soak",
		Usage:     "make rounds of random faults until one does not hold what it is to, and find the smallest schedule that does it",
		ArgsUsage: "FILE-OR-NAME",
		Description: `chaos soak random-faults --for 30m                      rounds for half an hour
chaos soak random-faults --for 8h --seed 7               the same rounds each time
chaos soak my.yaml --for 1h --redis-server ./src/redis-server --runtime local
chaos soak my.yaml --for 1h --unexplained                outages without a cause count, too
chaos soak my.yaml --for 30m --no-shrink                 only find it
chaos soak random-faults --for 30m --set duration=10s    shorter rounds

Each round is a run of the scenario, with faults drawn by its random block and a seed of its
own: faults, healing, and every acked write read back. The first round that does not hold an
expectation ends the soak. Its folder is kept, and what it did is written as a plain scenario
(found.yaml) and shrunk to the smallest one that still does it (shrunk.yaml; the trials are in
shrink.json). Nothing is kept of rounds that hold. See chaos shrink --help for how it is done.

Exit codes: 0 all rounds held; 1 one did not; 2 bad usage or a bad scenario; 3 rounds could
not be carried out; 130 interrupted: what is known by then is written.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.DurationFlag{Name: "for", Value: 30 * time.Minute, Usage: "begin rounds for so long, such as 30m; `TIME`"},
			seedFlag(),
			unexplainedFlag(),
			&cli.BoolFlag{Name: "no-shrink", Usage: "end with the round that did not hold, and shrink nothing"},
		}, shrinkFlags(), manyRunsFlags()),
		Action: soakScenario,
	}
}

func shrinkCommand() *cli.Command {
	return &cli.Command{
		Name:      "shrink",
		Usage:     "find the smallest schedule of faults with which a scenario still fails",
		ArgsUsage: "FILE-OR-NAME",
		Description: `chaos shrink chaos-runs/latest/found.yaml --runtime local
chaos shrink my.yaml --shrink-for 1h --runs 12           of what fails now and then
chaos shrink random-faults --seed 1234                   the faults that a seed draws

The faults are left out, by halves, quarters and one by one, then the idle time between them;
what is left is made shorter, brought together, and given default settings, as long as a run
still violates an expectation that the first ones did. Runs differ: a smaller schedule is held
for one that does not fail only after so many runs without a failure that it is 95 % likely
to have shown one, if it failed as often as the last one, but after --runs at most.

It leaves a folder with shrunk.yaml, shrink.json, and the folder of a run that failed.

Exit codes: 1 it fails, and was shrunk; 0 it did not fail once in --runs runs; 2 bad usage or a
bad scenario; 3 runs could not be made; 130 interrupted: the smallest known by then is written.`,
		Flags:  slices.Concat([]cli.Flag{seedFlag(), unexplainedFlag()}, shrinkFlags(), manyRunsFlags()),
		Action: shrinkScenario,
	}
}

func seedFlag() cli.Flag {
	return &cli.Int64Flag{Name: "seed", Usage: "what the faults are drawn from, over what the scenario says; the same seed gives the same faults; `N`"}
}

func unexplainedFlag() cli.Flag {
	return &cli.BoolFlag{Name: "unexplained", Usage: "a run with an outage whose cause is not known fails, too"}
}

// shrinkFlags are those about shrinking.
func shrinkFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "runs", Value: 6, Usage: "make `N` runs of a smaller schedule at most before it is held for one that does not fail"},
		&cli.IntFlag{Name: "confirm", Value: 5, Usage: "make `N` runs of the smallest one, to tell how often it fails"},
		&cli.DurationFlag{Name: "shrink-for", Usage: "shrink for so long at most, such as 20m, and not to the end; `TIME`"},
	}
}

// manyRunsFlags are those of a command that makes many runs of a scenario, one after the other.
func manyRunsFlags() []cli.Flag {
	return append([]cli.Flag{
		outFlag(), runtimeFlag(), setFlag(),
		&cli.BoolFlag{Name: "json", Usage: "print the result as JSON on stdout, and nothing else there"},
		&cli.BoolFlag{Name: "quiet", Usage: "no progress, only the summary"},
	}, clusterFlags()...)
}

func soakScenario(c *cli.Context) error {
	if c.Duration("for") <= 0 {
		return usage(fmt.Errorf("--for %s: write a time such as 30m", c.Duration("for")))
	}
	s, o, progress, err := soakOptions(c)
	if err != nil {
		return err
	}
	if s.Random == nil {
		return usage(fmt.Errorf("%s has no random faults, so that all rounds would be the same; write a random block (chaos soak random-faults has one), or run it several times: chaos run %s --until-failure", s.Name, c.Args().First()))
	}
	o.For = c.Duration("for")
	if c.Bool("no-shrink") {
		o.Shrink = nil
	}
	o.Command = func(seed int64) string {
		text := commandLine(c, c.Args().Slice()...)
		if !c.IsSet("seed") {
			text += fmt.Sprintf(" --seed %d", seed)
		}
		return text
	}
	outcome, err := soak.Run(c.Context, s, o)
	progress.end()
	if outcome == nil {
		return concludeSearch(c, soak.Forms(), nil, err, false)
	}
	return concludeSearch(c, soak.Forms(), outcome.Soak, err, outcome.Soak.Found != nil)
}

func shrinkScenario(c *cli.Context) error {
	s, o, progress, err := soakOptions(c)
	if err != nil {
		return err
	}
	if s.Random == nil && len(s.Faults) == 0 {
		return usage(fmt.Errorf("%s has no faults, and nothing can be left out", s.Name))
	}
	outcome, err := soak.Shrink(c.Context, s, o)
	progress.end()
	if outcome == nil {
		return concludeSearch(c, soak.ShrinkForms(), nil, err, false)
	}
	return concludeSearch(c, soak.ShrinkForms(), outcome.Shrunk, err, outcome.Shrunk.Reproduced())
}

// soakOptions reads the scenario and the flags that both commands have.
func soakOptions(c *cli.Context) (s *scenarios.Scenario, o soak.Options, p *progress, err error) {
	refuse := func(err error) (*scenarios.Scenario, soak.Options, *progress, error) { return nil, o, nil, err }
	switch {
	case !c.Args().Present():
		return refuse(usage(errors.New("no scenario; name a file, or a name that `chaos list` shows, such as random-faults")))
	case c.Args().Len() > 1:
		return refuse(usage(fmt.Errorf("chaos %s takes one scenario, not %d", c.Command.Name, c.Args().Len())))
	}
	for name, most := range map[string]int{"runs": 1000, "confirm": 1000} {
		if n := c.Int(name); n < 1 || n > most {
			return refuse(usage(fmt.Errorf("--%s %d: 1 to %d", name, n, most)))
		}
	}
	if c.IsSet("shrink-for") && c.Duration("shrink-for") <= 0 {
		return refuse(usage(fmt.Errorf("--shrink-for %s: write a time such as 20m", c.Duration("shrink-for"))))
	}
	if err := checkRuntime(c); err != nil {
		return refuse(err)
	}
	ports, err := portPolicy(c)
	if err != nil {
		return refuse(err)
	}
	if err := experiment.CheckOut(c.String("out")); err != nil {
		return refuse(usage(err))
	}
	if err := checkServer(c); err != nil {
		return refuse(err)
	}
	loaded, err := loadScenarios(c)
	if err != nil {
		return refuse(err)
	}
	if len(loaded[0].Expect) == 0 && !c.Bool("unexplained") {
		return refuse(usage(fmt.Errorf("%s expects nothing, so that no run of it can fail; write expect, such as expect: {lost_writes: 0, recovered: true}", loaded[0].Name)))
	}
	printWarnings(c.App.ErrWriter, loaded)
	p = newProgress(c.App.ErrWriter, c.Bool("quiet"))
	return loaded[0], soak.Options{
		Options: runOptions(c, ports, p), Seed: c.Int64("seed"), Unexplained: c.Bool("unexplained"),
		Shrink: &soak.Shrinking{Runs: c.Int("runs"), Confirm: c.Int("confirm"), For: c.Duration("shrink-for")},
	}, p, nil
}

// concludeSearch prints what a soak, or shrinking, came to, and tells the exit code.
func concludeSearch[T any](c *cli.Context, forms form.Forms[*T], result *T, err error, failed bool) error {
	end := endedBy(c.Context, err)
	if result != nil {
		end.unprinted(printForm(c.App.Writer, forms, result, printing{asJSON: c.Bool("json")}, nil))
	}
	code, err := end.exit(func() int {
		if failed {
			return exitExpectation
		}
		return exitOK
	})
	return exitError{code, err}
}

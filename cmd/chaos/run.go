package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report/render"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run scenarios, each on a cluster of its own, and report",
		ArgsUsage: "FILE-OR-NAME…",
		Description: `chaos run scenarios/master-kill.yaml
chaos run master-kill --set cluster.config.cluster-node-timeout=2000
chaos run master-kill --set faults[0].for=10s --set workloads.orders.rate=500
chaos run my.yaml --image valkey/valkey:8 --out /tmp/runs --json | jq .failovers
chaos run master-kill --redis-server ./src/redis-server    your own build
chaos run master-kill --runtime local                      without Docker
chaos up; chaos run master-kill --on up                    on a cluster that stands, and goes on
chaos run master-kill --repeat 20                          a set of runs, aggregated
chaos run master-kill --until-failure --repeat 200         until one fails

Each run leaves a folder OUT/<run-id>; OUT/latest points at the newest. A set leaves one
with set.json, set.md and set.html, and the folders of its runs in it.`,
		Flags: append([]cli.Flag{
			outFlag(),
			runtimeFlag(),
			setFlag(),
			&cli.StringFlag{Name: "on", Usage: "run on the cluster `NAME` that stands (chaos up, or a run with --keep), and leave it as it was"},
			&cli.BoolFlag{Name: "dry-run", Usage: "show what would be done, as chaos plan does, and do nothing"},
			&cli.BoolFlag{Name: "keep", Usage: "leave the cluster up at the end"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON on stdout, and nothing else there"},
			&cli.BoolFlag{Name: "quiet", Usage: "no progress, only the summary"},
		}, slices.Concat(repeatFlags(), batchFlags(), clusterFlags())...),
		Action: runScenarios,
	}
}

func runScenarios(c *cli.Context) error {
	if !c.Args().Present() {
		return usage(errors.New("no scenario; name files, or names that `chaos list` shows"))
	}
	if err := checkRuntime(c); err != nil {
		return err
	}
	if c.Bool("dry-run") {
		if err := showPlans(c); err != nil {
			return err
		}
		fmt.Fprintln(c.App.ErrWriter, "a dry run: nothing was done, and nothing changed")
		return nil
	}
	ports, err := portPolicy(c)
	if err != nil {
		return err
	}
	if err := experiment.CheckOut(c.String("out")); err != nil {
		return usage(err)
	}
	if err := checkServer(c); err != nil {
		return err
	}
	sets, err := repeats(c)
	if err != nil {
		return err
	}
	if err := checkOn(c, sets != nil); err != nil {
		return err
	}
	loaded, err := loadScenarios(c)
	if err != nil {
		return err
	}
	printWarnings(c.App.ErrWriter, loaded)
	if sets != nil {
		return runSets(c, loaded, *sets, ports)
	}
	worst, ran := exitOK, 0
	for _, s := range loaded {
		progress := newProgress(c.App.ErrWriter, c.Bool("quiet"))
		outcome, err := experiment.Run(c.Context, s, runOptions(c, ports, progress))
		progress.end()
		code, err := concludeRun(c, outcome, err)
		switch {
		case c.Context.Err() != nil || len(loaded) == 1:
			return exitError{code, err}
		case err != nil:
			fmt.Fprintf(c.App.ErrWriter, "chaos: %s: %v\n", s.Name, err)
		}
		if outcome != nil && outcome.Result.Skipped {
			continue
		}
		ran++
		worst = max(worst, code)
	}
	if ran == 0 {
		worst = exitNotRun
	}
	return exitError{code: worst}
}

// checkOn refuses what does not go together with a cluster that stands.
func checkOn(c *cli.Context, set bool) error {
	if c.String("on") == "" {
		if c.IsSet("on") {
			return usage(errors.New("--on: name a cluster; `chaos status` shows the one that is up"))
		}
		return nil
	}
	for _, flag := range []string{"keep", "image", "redis-server", "port", "fixed-ports", "runtime"} {
		if c.IsSet(flag) {
			return usage(fmt.Errorf("--on runs on the cluster %s as it is, and --%s is about one that is deployed; leave one of them out", c.String("on"), flag))
		}
	}
	if set {
		return usage(errors.New("--on is of one run at a time; leave out what asks for a set of runs, such as --repeat"))
	}
	return nil
}

// concludeRun prints what came of a run and tells its exit code. The error is what is left
// to be told of it.
func concludeRun(c *cli.Context, outcome *experiment.Outcome, err error) (int, error) {
	asJSON := c.Bool("json")
	end := endedBy(c.Context, err)
	if outcome != nil {
		if !asJSON && outcome.Result.Skipped && end.untold != nil && end.untold.Error() == outcome.Result.Error {
			end.untold = nil // the summary says why
		}
		end.unprinted(printForm(c.App.Writer, render.Forms(), outcome.Result, printing{asJSON, end.untold != nil}, outcome.Reports))
	}
	return end.exit(func() int { return verdictCode(outcome.Result.Verdict) })
}

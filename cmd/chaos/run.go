package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/demand"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/software"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

const defaultOut = "chaos-runs"

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
chaos run master-kill --repeat 20                          a set of runs, aggregated
chaos run master-kill --until-failure --repeat 200         until one fails

Each run leaves a folder OUT/<run-id>; OUT/latest points at the newest. A set leaves one
with set.json, set.md and set.html, and the folders of its runs in it.`,
		Flags: append([]cli.Flag{
			outFlag(),
			runtimeFlag(),
			setFlag(),
			&cli.BoolFlag{Name: "keep", Usage: "leave the cluster up at the end"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON on stdout, and nothing else there"},
			&cli.BoolFlag{Name: "quiet", Usage: "no progress, only the summary"},
		}, slices.Concat(repeatFlags(), batchFlags(), clusterFlags())...),
		Action: runScenarios,
	}
}

func outFlag() cli.Flag {
	return &cli.StringFlag{Name: "out", Value: defaultOut, Usage: "`DIR` that receives a folder for each run"}
}

func runtimeFlag() cli.Flag {
	return &cli.StringFlag{Name: "runtime", Value: experiment.RuntimeAuto, Usage: "what runs the nodes: docker, local (processes of this machine) or auto, which is docker where an engine answers; `NAME`"}
}

func setFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "set", Usage: "override a value of the scenario, as `PATH=VALUE`; repeatable"}
}

// clusterFlags are those of every command that deploys.
func clusterFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "image", Usage: "the server's image `IMG`, over what the scenario says"},
		&cli.StringFlag{Name: "redis-server", Usage: "run the redis-server or valkey-server at `PATH`: as it is, or in an image made of it; a folder that its packages were unpacked to is run with the libraries and the loader in it"},
		&cli.IntFlag{Name: "port", Value: compose.DefaultPort, Usage: "host port `N` of the first node, on 127.0.0.1; the others follow it"},
		&cli.BoolFlag{Name: "fixed-ports", Usage: "fail if a host port is taken, instead of taking the next free one"},
	}
}

func portPolicy(c *cli.Context) (compose.PortPolicy, error) {
	first := c.Int("port")
	if first < 1 || first > 65535 {
		return compose.PortPolicy{}, usage(fmt.Errorf("--port %d: a port is 1 to 65535", first))
	}
	return compose.PortPolicy{First: first, Fixed: c.Bool("fixed-ports")}, nil
}

// checkServer says whether --redis-server names a program, or a folder with one.
func checkServer(c *cli.Context) error {
	path := c.String("redis-server")
	if path == "" {
		return nil
	}
	return checkProgram(path)
}

func checkProgram(path string) error {
	_, err := software.FindProgram(path)
	if err == nil {
		return nil
	}
	if errors.As(err, new(*exec.Error)) {
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			err = inner // without the path, which stands before it
		}
		err = fmt.Errorf("%w; name the program, such as ./src/redis-server, or the folder that its packages were unpacked to", err)
	}
	return usage(fmt.Errorf("--redis-server %s: %w", path, err))
}

func runScenarios(c *cli.Context) error {
	if !c.Args().Present() {
		return usage(errors.New("no scenario; name files, or names that `chaos list` shows"))
	}
	if r := c.String("runtime"); !slices.Contains(experiment.Runtimes(), r) {
		return usage(fmt.Errorf("--runtime %s: known are %s", r, strings.Join(experiment.Runtimes(), ", ")))
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
	loaded, err := load(c)
	if err != nil {
		return err
	}
	warn(c.App.ErrWriter, loaded)
	if sets != nil {
		return runSets(c, loaded, *sets, ports)
	}
	worst, ran := exitOK, 0
	for _, s := range loaded {
		progress := newProgress(c.App.ErrWriter, c.Bool("quiet"))
		outcome, err := experiment.Run(c.Context, s, runOptions(c, ports, progress))
		progress.end()
		code, err := conclude(c, outcome, err)
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

// runOptions are those of the flags.
func runOptions(c *cli.Context, ports compose.PortPolicy, p *progress) experiment.Options {
	return experiment.Options{
		Out: c.String("out"), Runtime: c.String("runtime"), RedisServer: c.String("redis-server"), Ports: ports, Keep: c.Bool("keep"),
		Tool: "redis-chaos " + version, Progress: p.line, Warn: p.warn, Status: p.status,
	}
}

// load reads all the scenarios before anything is deployed, and reports what is
// wrong with each, or too much for this machine.
func load(c *cli.Context) ([]*scenarios.Scenario, error) {
	sets := c.StringSlice("set")
	if img := c.String("image"); img != "" {
		sets = append(sets, "cluster.image="+img)
	}
	var loaded []*scenarios.Scenario
	var errs []error
	for _, name := range c.Args().Slice() {
		s, _, err := parse.Load(c.Context, name, experiment.Catalog(), sets)
		switch {
		case c.Context.Err() != nil:
			return nil, exitError{exitInterrupted, nil}
		case err != nil:
			errs = append(errs, err)
			continue
		}
		if err := demand.ThisMachine().Check(demand.Of(s), c.String("runtime") == experiment.RuntimeLocal); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		loaded = append(loaded, s)
	}
	if len(errs) > 0 {
		return nil, usage(errors.Join(errs...))
	}
	return loaded, nil
}

// warn prints what may be other than intended in scenarios that can be run.
func warn(w io.Writer, loaded []*scenarios.Scenario) {
	for _, s := range loaded {
		for _, warning := range s.Warnings {
			fmt.Fprintf(w, "warning: %v\n", warning)
		}
	}
}

// conclude prints what came of a run and tells its exit code. The error is what is left
// to be told of it.
func conclude(c *cli.Context, outcome *experiment.Outcome, err error) (int, error) {
	asJSON := c.Bool("json")
	failed, endedBy := err != nil, exitInterrupted
	if c.Context.Err() != nil {
		err = beyondInterrupt(err)
		endedBy = interruptedCode(err)
	}
	if outcome != nil {
		if !asJSON && outcome.Result.Skipped && err != nil && err.Error() == outcome.Result.Error {
			err = nil // the summary says why
		}
		if printErr := printForm(c.App.Writer, render.Forms(), outcome.Result, printing{asJSON, err != nil}, outcome.Reports); printErr != nil && !failed {
			err, failed = printErr, true
		}
	}
	switch {
	case c.Context.Err() != nil:
		return endedBy, err
	case failed:
		return exitNotRun, err
	case outcome.Result.Verdict == report.Fail:
		return exitExpectation, nil
	default:
		return exitOK, nil
	}
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/demand"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/sweep"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/variants"
	"github.com/redis-chaos/redis-chaos/report/matrix"
	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func matrixCommand() *cli.Command {
	return &cli.Command{
		Name:      "matrix",
		Usage:     "run a scenario on several servers, or with several values or client presets, and tell how they differ",
		ArgsUsage: "FILE-OR-NAME",
		Description: `chaos matrix master-kill --image redis:7.0,redis:8.0,valkey/valkey:8.1
chaos matrix master-kill --runtime local --redis-server .cache/servers/redis-8.0,.cache/servers/valkey-9.1
chaos matrix my.yaml --redis-server ./old/redis-server,./new/redis-server --repeat 20
chaos matrix master-kill --preset default,fast-failover,patient
chaos matrix power-loss --runtime local --param appendfsync=always,everysec,no --repeat 3
chaos matrix third-of-masters --runtime local --redis-server A,B --set seed=7 --json | jq '.variants[].not_replaced'

In each round, every variant gets one run, in random order. Each run has a cluster of its
own. The others are compared with the first variant. What the runs leave goes to one folder,
OUT/matrix-<scenario>-…, with matrix.html, matrix.md and matrix.json; OUT/latest points at it.

A server that cannot be run is reported with the reason, and the others go on. Exit codes:
0 every expectation of every run held; 1 one did not; 2 bad usage or a bad scenario; 3 no
run could be carried out; 130 interrupted, with a report of the runs made by then.`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "image", Usage: "server images `A,B,…` to compare; repeatable"},
			&cli.StringSliceFlag{Name: "redis-server", Usage: "servers of this machine `PATH,PATH…` to compare: binaries, or folders that packages were unpacked to; repeatable"},
			&cli.StringSliceFlag{Name: "preset", Usage: "client presets `A,B,…` to compare: " + strings.Join(scenarios.Presets(), ", ") + "; each replaces the clients' options that presets are about; repeatable"},
			&cli.StringSliceFlag{Name: "param", Usage: "values to compare, as `NAME=VALUE,VALUE…`: of a directive, or of a path as for --set; repeatable, for every combination"},
			&cli.IntFlag{Name: "repeat", Value: 10, Usage: "make `N` runs of each variant"},
			&cli.IntFlag{Name: "parallel", Usage: "make `N` runs at once", DefaultText: "as many as the machine has room for, by what the first one takes"},
			outFlag(),
			&cli.StringFlag{Name: "runtime", Value: experiment.RuntimeAuto, Usage: "what runs the nodes: docker, podman, local (processes of this machine) or auto, which is the first of them that is there; `NAME`"},
			&cli.StringSliceFlag{Name: "set", Usage: "override a value of the scenario, as `PATH=VALUE`; repeatable"},
			&cli.BoolFlag{Name: "json", Usage: "print the matrix as JSON on stdout, and nothing else there"},
			&cli.BoolFlag{Name: "quiet", Usage: "no progress, only the summary"},
		},
		Action: runMatrix,
	}
}

// Bounds of what a matrix can be asked for.
const (
	mostVariants = 50
	mostRounds   = 1000
)

func runMatrix(c *cli.Context) error {
	asked, err := askedMatrix(c)
	if err != nil {
		return err
	}
	s, all, err := asked.variants(c)
	if err != nil {
		return err
	}
	printWarnings(c.App.ErrWriter, []*scenarios.Scenario{s})
	progress := newProgress(c.App.ErrWriter, c.Bool("quiet"))
	outcome, err := variants.Run(c.Context, s, all, variants.Options{
		Options: batch.Options{Parallel: c.Int("parallel"), Options: experiment.Options{
			Out: c.String("out"), Runtime: asked.runtime, Tool: "redis-chaos " + version,
			Progress: progress.line, Warn: progress.warn, Status: progress.status,
		}},
		Rounds: c.Int("repeat"),
		Command: func(seed int64) string {
			command := commandLine(c, quoted(c.Args().First()))
			if s.Seed == 0 { // or it is in the scenario, or among the flags
				command += fmt.Sprintf(" --set seed=%d", seed)
			}
			return command
		},
	})
	progress.end()
	code, err := concludeMatrix(c, outcome, err)
	return exitError{code, err}
}

// matrixFlags are what a matrix is of.
type matrixFlags struct {
	images, servers, presets []string
	parameters               []tune.Parameter
	runtime                  string
}

// askedMatrix reads the flags, as far as they can be judged without the scenario.
func askedMatrix(c *cli.Context) (matrixFlags, error) {
	f := matrixFlags{runtime: c.String("runtime")}
	if c.Args().Len() != 1 {
		return f, usage(fmt.Errorf("chaos matrix takes one scenario, not %d; name a file, or a name that `chaos list` shows", c.Args().Len()))
	}
	for _, flag := range []struct {
		name string
		to   *[]string
	}{{"image", &f.images}, {"redis-server", &f.servers}, {"preset", &f.presets}} {
		var err error
		if *flag.to, err = commaSeparated(c, flag.name); err != nil {
			return f, err
		}
	}
	var err error
	if f.parameters, err = parametersOf(c); err != nil {
		return f, usage(err)
	}
	n := max(1, len(f.images)+len(f.servers)) * max(1, len(f.presets))
	for _, p := range f.parameters {
		n *= len(p.Values)
	}
	switch {
	case !slices.Contains(experiment.Runtimes(), f.runtime):
		return f, usage(fmt.Errorf("--runtime %s: known are %s", f.runtime, strings.Join(experiment.Runtimes(), ", ")))
	case n == 1:
		return f, usage(errors.New("nothing to compare; name at least two servers with --image A,B or --redis-server PATH,PATH, two values with --param NAME=VALUE,VALUE, or two presets with --preset A,B"))
	case n > mostVariants:
		return f, usage(fmt.Errorf("%d variants are more than the %d that a matrix can have", n, mostVariants))
	case c.Int("repeat") < 1 || c.Int("repeat") > mostRounds:
		return f, usage(fmt.Errorf("--repeat %d: each variant gets 1 to %d runs", c.Int("repeat"), mostRounds))
	case c.IsSet("parallel") && (c.Int("parallel") < 1 || c.Int("parallel") > batch.MostParallel):
		return f, usage(fmt.Errorf("--parallel %d: 1 to %d runs can be made at once", c.Int("parallel"), batch.MostParallel))
	case len(f.images) > 0 && f.runtime == experiment.RuntimeLocal:
		return f, usage(errors.New("--image: the local runtime has no images; name binaries or folders with --redis-server (`make servers` gets some)"))
	case len(f.images) > 0 && f.runtime == experiment.RuntimeAuto:
		f.runtime = experiment.RuntimeDocker
	}
	for _, p := range f.presets {
		if !slices.Contains(scenarios.Presets(), p) {
			return f, usage(fmt.Errorf("--preset %s: known are %s", p, strings.Join(scenarios.Presets(), ", ")))
		}
	}
	for _, path := range f.servers {
		if err := checkProgram(path); err != nil {
			return f, err
		}
	}
	if err := experiment.CheckOut(c.String("out")); err != nil {
		return f, usage(err)
	}
	return f, nil
}

// commaSeparated is the values of a flag, which are separated by commas.
func commaSeparated(c *cli.Context, flag string) (all []string, err error) {
	for _, value := range c.StringSlice(flag) {
		for _, item := range strings.Split(value, ",") {
			item = strings.TrimSpace(item)
			switch {
			case item == "":
				return nil, usage(fmt.Errorf("--%s %s: an entry of the list is empty", flag, value))
			case slices.Contains(all, item):
				return nil, usage(fmt.Errorf("--%s names %s twice", flag, item))
			}
			all = append(all, item)
		}
	}
	return all, nil
}

// variants reads the scenario, and makes sure that each variant of it can be run on this
// machine.
func (f matrixFlags) variants(c *cli.Context) (*scenarios.Scenario, []variants.Variant, error) {
	name := c.Args().First()
	load := func(sets ...string) (*scenarios.Scenario, error) {
		s, _, err := parse.Load(c.Context, name, experiment.Catalog(), append(c.StringSlice("set"), sets...))
		switch {
		case c.Context.Err() != nil:
			return nil, exitError{exitInterrupted, nil}
		case err != nil:
			return nil, usage(err)
		}
		return s, nil
	}
	s, err := load()
	if err != nil {
		return nil, nil, err
	}
	for _, image := range f.images { // whether it is a reference at all
		if _, err := load("cluster.image=" + image); err != nil {
			return nil, nil, err
		}
	}
	settings, err := f.settings(load)
	if err != nil {
		return nil, nil, err
	}
	for _, setting := range settings {
		if err := demand.ThisMachine().Check(demand.Of(setting.Scenario), f.runtime == experiment.RuntimeLocal); err != nil {
			return nil, nil, usage(fmt.Errorf("%s: %w", strings.TrimSpace(name+" "+setting.Name), err))
		}
	}
	if len(f.presets) > 0 && len(s.Workloads) == 0 {
		return nil, nil, usage(fmt.Errorf("--preset: %s has no workload, and so no clients", name))
	}
	return s, variants.Of(settings, f.images, f.servers, f.presets), nil
}

// settings are the scenario with each combination of the parameters' values.
func (f matrixFlags) settings(load func(sets ...string) (*scenarios.Scenario, error)) (all []variants.Setting, err error) {
	points, err := sweep.Grid(f.parameters)
	if err != nil {
		return nil, usage(err)
	}
	for _, point := range points {
		var s variants.Setting
		var named []string
		for i, value := range point {
			named = append(named, f.parameters[i].Name()+"="+value)
			s.Values = append(s.Values, sweep.Override(f.parameters[i].Path, value))
		}
		s.Name = strings.Join(named, ", ")
		if s.Scenario, err = load(s.Values...); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// concludeMatrix prints what came of a matrix and tells its exit code. The error is what is left
// to be told of it.
func concludeMatrix(c *cli.Context, outcome *variants.Outcome, err error) (int, error) {
	end := endedBy(c.Context, err)
	if outcome != nil {
		end.unprinted(printForm(c.App.Writer, matrix.Forms(), outcome.Matrix, printing{asJSON: c.Bool("json")}, outcome.Reports))
	}
	return end.exit(func() int { return verdictCode(outcome.Matrix.Verdict) })
}

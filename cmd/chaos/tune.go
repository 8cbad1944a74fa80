package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/sweep"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/tune"
)

func tuneCommand() *cli.Command {
	return &cli.Command{
		Name:      "tune",
		Usage:     "try values of a parameter, and recommend one: how fast is failover, and which hiccups does it survive",
		ArgsUsage: "FILE-OR-NAME",
		Description: `chaos tune master-kill                                     which cluster-node-timeout?
chaos tune master-kill --quick                             a rough answer, in a few minutes
chaos tune my.yaml --max-failover 5s --tolerate 1.5s --max-lost 0
chaos tune my.yaml --param cluster-node-timeout=1s,2s,5s --param cluster.replicas=1,2
chaos tune my.yaml --point 'cluster-node-timeout=1s;appendfsync=always' --point 'cluster-node-timeout=2s;appendfsync=everysec'
chaos tune master-kill --hiccup freeze,block,cut           more kinds of hiccups
chaos tune master-kill --budget 30m                        spend 30 minutes where they tell most
chaos tune master-kill --plan                              what would be run, and for how long
chaos tune --resume chaos-runs/latest                      go on with one that was interrupted

For each value, the scenario's own faults are made to cause failovers, and hiccups of
lengths that are searched are made that should cause none. The order is random. The sweep
leaves a folder with tune.json, tune.md and tune.html, and the folders of its runs in it.

Exit codes: 0 some value satisfies the constraints; 1 none does; 2 bad usage or a bad
scenario; 3 no value could be tried; 130 interrupted: what is known by then is reported.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringSliceFlag{Name: "param", Usage: "what is swept, as `NAME=VALUE,VALUE…`: a directive, or a path as for --set; repeatable, for a grid (default: " + sweep.NodeTimeout + "=" + sweep.DefaultValues + ")"},
			&cli.StringSliceFlag{Name: "point", Usage: "one combination, as `NAME=VALUE;NAME=VALUE`; repeatable, for a list in place of a grid"},
			&cli.StringFlag{Name: "max-failover", Usage: "the longest that 95 % of failovers may take for applications, such as 5s; `TIME`"},
			&cli.StringFlag{Name: "tolerate", Usage: "how long a hiccup may last without causing a failover in more than 5 % of cases, such as 1.5s; `TIME` (default: 1.5s, if no constraint is given)"},
			&cli.StringFlag{Name: "max-lost", Usage: "the most writes that any failover may lose; `N`"},
			&cli.StringFlag{Name: "hiccup", Value: string(sweep.Freeze), Usage: "the kinds of hiccups, of freeze, block, cut and starve; or all, or none; `KIND,KIND…`"},
			&cli.IntFlag{Name: "failovers", Value: defaultEffort().failovers, Usage: "failovers of the scenario for each value, `N`"},
			&cli.IntFlag{Name: "partitions", Value: defaultEffort().partitions, Usage: "runs for each value in which a master is cut off from the others, `N`"},
			&cli.IntFlag{Name: "trials", Value: defaultEffort().trials, Usage: "hiccups of each kind for each value, `N`"},
			&cli.BoolFlag{Name: "quick", Usage: "fewer values and runs: " + sweep.NodeTimeout + "=" + sweep.QuickValues + fmt.Sprintf(", %d failovers, %d hiccups", quickEffort().failovers, quickEffort().trials)},
			&cli.DurationFlag{Name: "budget", Usage: "end in this time, and spend it where it narrows the answer most, such as 10m; `TIME`"},
			&cli.Int64Flag{Name: "seed", Usage: "what the order, the hiccups and the runs' seeds are derived from, `N`"},
			&cli.BoolFlag{Name: "plan", Usage: "print what would be run, and for how long, and run nothing"},
			&cli.StringFlag{Name: "resume", Usage: "go on with the sweep in the folder `DIR`"},
			outFlag(), runtimeFlag(), setFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON on stdout, and nothing else there"},
			&cli.BoolFlag{Name: "quiet", Usage: "no progress, only the answer"},
		}, batchFlags(), clusterFlags()),
		Action: tuneScenario,
	}
}

// effort is how much is found out of each value.
type effort struct{ failovers, partitions, trials int }

func defaultEffort() effort { return effort{failovers: 10, partitions: 2, trials: 12} }
func quickEffort() effort   { return effort{failovers: 6, partitions: 0, trials: 6} }

func tuneScenario(c *cli.Context) error {
	options, err := tuneOptions(c)
	if err != nil {
		return usage(err)
	}
	many, err := batchOptions(c)
	if err != nil {
		return err
	}
	if err := checkRuntime(c); err != nil {
		return err
	}
	ports, err := portPolicy(c)
	if err != nil {
		return err
	}
	if err := errors.Join(experiment.CheckOut(c.String("out")), checkServer(c)); err != nil {
		return usage(err)
	}
	var plan *sweep.Plan
	if dir := c.String("resume"); dir != "" {
		plan, err = sweep.Resume(c.Context, dir, options)
	} else {
		plan, err = sweep.NewPlan(c.Context, options)
	}
	switch {
	case c.Context.Err() != nil:
		return exitError{exitInterrupted, nil}
	case err != nil:
		return usage(err)
	case c.Bool("plan"):
		return plan.WriteText(c.App.Writer, many.Parallel)
	}
	progress := newProgress(c.App.ErrWriter, c.Bool("quiet"))
	many.Options = runOptions(c, ports, progress)
	if err := plan.Adopt(&many.Options); err != nil {
		progress.end()
		return usage(err)
	}
	outcome, err := plan.Run(c.Context, many)
	progress.end()
	code, err := concludeTune(c, outcome, err)
	return exitError{code, err}
}

// tuneOptions are the flags about what is swept.
func tuneOptions(c *cli.Context) (o sweep.Options, err error) {
	resumed := c.IsSet("resume")
	switch {
	case c.Args().Len() > 1:
		return o, fmt.Errorf("chaos tune takes one scenario, not %d", c.Args().Len())
	case !c.Args().Present() && !resumed:
		return o, errors.New("no scenario; name a file, or a name that `chaos list` shows, such as chaos tune master-kill")
	case len(c.StringSlice("param")) > 0 && len(c.StringSlice("point")) > 0:
		return o, errors.New("--param makes a grid and --point a list; give one of them")
	}
	o.Scenario, o.Sets, o.Seed, o.Budget = c.Args().First(), c.StringSlice("set"), c.Int64("seed"), c.Duration("budget")
	if img := c.String("image"); img != "" {
		o.Sets = append(o.Sets, "cluster.image="+img)
	}
	if c.IsSet("budget") && o.Budget <= 0 {
		return o, fmt.Errorf("--budget %s: write a time such as 10m", o.Budget)
	}
	if o.Parameters, err = parametersOf(c); err != nil {
		return o, err
	}
	for _, text := range c.StringSlice("point") {
		var point []string
		if o.Parameters, point, err = sweep.ParsePoint(text, o.Parameters); err != nil {
			return o, err
		}
		o.Points = append(o.Points, point)
	}
	if len(o.Parameters) == 0 && !resumed {
		values := sweep.DefaultValues
		if c.Bool("quick") {
			values = sweep.QuickValues
		}
		p, err := sweep.ParseParameter(sweep.NodeTimeout + "=" + values)
		if err != nil {
			return o, err
		}
		o.Parameters = []tune.Parameter{p}
	}
	if !resumed || c.IsSet("hiccup") {
		if o.Hiccups, err = hiccups(c.String("hiccup")); err != nil {
			return o, err
		}
	}
	if err := tuneEffort(c, &o); err != nil {
		return o, err
	}
	o.Command = commandLine(c, c.Args().Slice()...)
	o.Constraints, err = constraints(c)
	return o, err
}

// parametersOf reads --param.
func parametersOf(c *cli.Context) (all []tune.Parameter, err error) {
	for _, text := range c.StringSlice("param") {
		p, err := sweep.ParseParameter(text)
		if err != nil {
			return nil, fmt.Errorf("--param %w", err)
		}
		if slices.ContainsFunc(all, func(other tune.Parameter) bool { return other.Path == p.Path }) {
			return nil, fmt.Errorf("--param %s is given twice; write all its values in one", p.Path)
		}
		all = append(all, p)
	}
	return all, nil
}

// tuneEffort is how much is to be found out of each value.
func tuneEffort(c *cli.Context, o *sweep.Options) error {
	e := defaultEffort()
	switch {
	case c.Bool("quick"):
		e = quickEffort()
	case c.IsSet("resume"):
		e = effort{sweep.AsBefore, sweep.AsBefore, sweep.AsBefore}
	}
	for _, f := range []struct {
		name  string
		value *int
		least int
	}{{"failovers", &e.failovers, 1}, {"partitions", &e.partitions, 0}, {"trials", &e.trials, 1}} {
		if !c.IsSet(f.name) {
			continue
		}
		*f.value = c.Int(f.name)
		if *f.value < f.least || *f.value > 1000 {
			return fmt.Errorf("--%s %d: %d to 1000", f.name, *f.value, f.least)
		}
	}
	o.Failovers, o.Partitions, o.Trials = e.failovers, e.partitions, e.trials
	return nil
}

// hiccups reads the kinds of hiccups.
func hiccups(text string) (kinds []sweep.Hiccup, err error) {
	switch text {
	case "all":
		return sweep.Hiccups(), nil
	case "none":
		return []sweep.Hiccup{}, nil
	}
	for _, name := range strings.Split(text, ",") {
		kind := sweep.Hiccup(strings.TrimSpace(name))
		if !slices.Contains(sweep.Hiccups(), kind) {
			return nil, fmt.Errorf("--hiccup %q: known are freeze, block, cut and starve, and all and none", name)
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds, nil
}

// constraints are what the user wants of a value.
func constraints(c *cli.Context) (tune.Constraints, error) {
	var k tune.Constraints
	for _, f := range []struct {
		name string
		to   **record.Millis
	}{{"max-failover", &k.MaxFailover}, {"tolerate", &k.Tolerate}} {
		if !c.IsSet(f.name) {
			continue
		}
		d, err := time.ParseDuration(c.String(f.name))
		if err != nil {
			return k, fmt.Errorf("--%s %s: write a time with its unit, such as 1.5s or 800ms", f.name, c.String(f.name))
		}
		ms := record.InMillis(d)
		*f.to = &ms
	}
	if c.IsSet("max-lost") {
		var n float64
		if _, err := fmt.Sscanf(c.String("max-lost"), "%f", &n); err != nil || fmt.Sprint(n) != strings.TrimSpace(c.String("max-lost")) || n != float64(int64(n)) {
			return k, fmt.Errorf("--max-lost %s: write a number of writes, such as 0", c.String("max-lost"))
		}
		k.MaxLost = &n
	}
	return k, k.Check()
}

// concludeTune prints what a sweep found and tells its exit code.
func concludeTune(c *cli.Context, outcome *sweep.Outcome, err error) (int, error) {
	end := endedBy(c.Context, err)
	if outcome != nil {
		end.unprinted(printForm(c.App.Writer, tune.Forms(), outcome.Tune, printing{asJSON: c.Bool("json")}, outcome.Reports))
	}
	return end.exit(func() int {
		if outcome.Tune.Recommendation.Point == nil {
			return exitExpectation
		}
		return exitOK
	})
}

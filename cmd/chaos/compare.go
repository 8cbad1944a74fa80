package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report/compare"
	"github.com/redis-chaos/redis-chaos/report/set"
)

func compareCommand() *cli.Command {
	return &cli.Command{
		Name:      "compare",
		Usage:     "tell how two sets of runs differ, by how much, and how sure that is",
		ArgsUsage: "A B",
		Description: `chaos compare runs/old-set runs/new-set                                what changed from A to B
chaos compare old new --fail-on 'failover_time > +20%'                  for CI: exit code 1 if it became slower for sure, by more
chaos compare old new --fail-on 'lost_writes > +0' --fail-on 'election_delay > +100ms'
chaos compare old new --out report                                     compare.md and compare.json as well
chaos compare old new --json | jq '.figures[] | select(.verdict == "worse")'

A and B are each the folder of a set of runs (which has set.json) or of one run. A change is
sure if it would come about by chance in 5 % of all comparisons at most; it takes about ten
runs each. A single run is hardly ever enough, and the comparison says how many are.

--fail-on takes a figure, > or <, and a change with its sign: in percent of the median of A
(+20%), or in the figure's unit (+500ms, +3). Too few runs to tell is no failure.

Exit codes: 0 compared; 1 a change is beyond a bound of --fail-on; 2 bad usage, or sets of
different scenarios; 3 a folder cannot be read, or the reports not written.`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "fail-on", Usage: "end with 1 if a figure changed for sure and beyond a `BOUND`, such as 'failover_time > +20%'; repeatable"},
			&cli.BoolFlag{Name: "force", Usage: "compare sets of different scenarios, too"},
			&cli.BoolFlag{Name: "json", Usage: "print the comparison as JSON on stdout, and nothing else there"},
			&cli.StringFlag{Name: "out", Usage: "`DIR` that receives compare.md and compare.json"},
		},
		Action: compareSets,
	}
}

func compareSets(c *cli.Context) error {
	if c.Args().Len() != 2 {
		return usage(fmt.Errorf("chaos compare takes two folders, each of a set or of a run, not %d; `chaos compare --help` shows examples", c.Args().Len()))
	}
	options := compare.Options{A: c.Args().Get(0), B: c.Args().Get(1), Force: c.Bool("force")}
	var errs []error
	for _, text := range c.StringSlice("fail-on") {
		bound, err := compare.ParseBound(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("--fail-on %w", err))
		}
		options.Bounds = append(options.Bounds, bound)
	}
	if c.IsSet("out") {
		errs = append(errs, experiment.CheckOut(c.String("out")))
	}
	if err := errors.Join(errs...); err != nil {
		return usage(err)
	}
	a, err := openSet(c.Context, options.A)
	if err != nil {
		return err
	}
	b, err := openSet(c.Context, options.B)
	if err != nil {
		return err
	}
	comparison, err := compare.Compare(a, b, options)
	var different *compare.DifferentError
	var unknown *compare.UnknownError
	if errors.As(err, &different) || errors.As(err, &unknown) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	if c.IsSet("out") {
		if err := writeComparison(c.String("out"), comparison); err != nil {
			return err
		}
	}
	if err := printForm(c.App.Writer, compare.Forms(), comparison, printing{asJSON: c.Bool("json")}, nil); err != nil {
		return err
	}
	if comparison.Failed() {
		return exitError{code: exitExpectation}
	}
	return nil
}

const setName = "set.json"

// openSet reads the set in a folder, or makes one of the run in it.
func openSet(ctx context.Context, dir string) (*set.Set, error) {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		files, err := folder.Open(dir)
		if err != nil {
			return nil, fmt.Errorf("opening the folder of a set: %w", err)
		}
		defer files.Close()
		if files.Has(setName) {
			return readSet(ctx, files)
		}
	}
	result, scenario, err := experiment.Read(ctx, dir)
	if errors.Is(err, experiment.ErrNotARun) {
		return nil, usage(fmt.Errorf("%w; name the folder of a set, which has %s, or of a run", err, setName))
	}
	if err != nil {
		return nil, err
	}
	one := set.Set{ID: result.Run.ID, Seed: result.Run.Seed}
	one.Describe(result)
	return set.Aggregate(one, []set.Run{set.Of(result, scenario, "")}, scenario), nil
}

func readSet(ctx context.Context, files folder.Folder) (*set.Set, error) {
	file, err := files.OpenFile(ctx, setName, set.MaxSize)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s, err := set.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files.Path(setName), err)
	}
	return s, nil
}

// writeComparison makes or replaces the files of a comparison.
func writeComparison(dir string, c *compare.Comparison) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder for the comparison: %w", err)
	}
	files, err := folder.Open(dir)
	if err != nil {
		return fmt.Errorf("opening the folder for the comparison: %w", err)
	}
	defer files.Close()
	for _, file := range compare.Forms().Files {
		var text strings.Builder
		if err := file.Render(&text, c); err != nil {
			return err
		}
		if err := files.Write(file.Name, []byte(text.String())); err != nil {
			return err
		}
	}
	return nil
}

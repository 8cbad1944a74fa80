package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/compose/local"
)

func downCommand() *cli.Command {
	return &cli.Command{
		Name:      "down",
		Usage:     "remove clusters with their containers, networks and volumes",
		ArgsUsage: "[NAME-OR-RUN-ID…]",
		Description: `chaos down              what chaos up started
chaos down RUN-ID       what a run with --keep left behind
chaos down --all        everything of this tool

What runs left behind when they were killed is removed in any case, and runs in
progress, also those of other users of the engine, are not touched. In Docker, only
what carries the label ` + docker.RunLabel + ` is.

What the engine will not remove is told with its remedy: of a run that is named as
an error (exit code 3), of others once and without harm.`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "remove every cluster of this tool that no run is using"}},
		Action: down,
	}
}

func down(c *cli.Context) error {
	if slices.Contains(c.Args().Slice(), "") {
		return usage(errors.New("a cluster's name cannot be empty; `chaos down --help` shows what it takes"))
	}
	// Local clusters end with the program that made them; what is left is that of
	// programs that were killed.
	stale, err := local.RemoveStale(c.Context)
	tellRemoved(c, stale)
	tellLeft(c, err)
	for _, id := range c.Args().Slice() {
		if err := local.Remove(c.Context, id); err != nil { // it is live, or stuck
			return err
		}
	}
	engine, err := docker.Connect(c.Context)
	if errors.Is(err, docker.ErrNoEngine) && len(stale) > 0 {
		return nil
	}
	if err != nil {
		return err
	}
	defer engine.Close()
	swept, err := engine.RemoveStale(c.Context)
	tellRemoved(c, swept.Removed)
	if err != nil {
		return err
	}
	stale = append(stale, swept.Removed...)
	present, err := engine.Runs(c.Context)
	if err != nil {
		return err
	}
	clusters, err := engine.Clusters(c.Context)
	if err != nil {
		return err
	}
	wanted, err := chooseClusters(c, present, clusters, stale)
	if err != nil {
		return err
	}
	for _, left := range swept.Left {
		if !slices.Contains(wanted, left.RunID) { // else it is told below
			tellLeft(c, left)
		}
	}
	var errs []error
	for _, id := range wanted {
		err := engine.Remove(c.Context, id)
		var live *journal.InProgressError
		var left *docker.LeftError
		switch {
		case errors.As(err, &live) && c.Bool("all"):
			fmt.Fprintf(c.App.Writer, "%s: left alone, it is in progress (%s)\n", id, live.Owner())
		case errors.As(err, &left) && c.Bool("all"):
			tellLeft(c, err)
		case err != nil:
			errs = append(errs, err)
		case slices.Contains(present, id):
			fmt.Fprintf(c.App.Writer, "%s: removed\n", id)
		case !slices.Contains(stale, id):
			fmt.Fprintf(c.App.Writer, "%s: nothing to remove\n", id)
		}
	}
	return errors.Join(errs...)
}

// tellLeft tells what could not be removed of runs that nobody has named, and so is
// no failure.
func tellLeft(c *cli.Context, err error) {
	if err != nil {
		fmt.Fprintf(c.App.ErrWriter, "chaos: %v\n", err)
	}
}

func tellRemoved(c *cli.Context, ids []string) {
	for _, id := range ids {
		fmt.Fprintf(c.App.Writer, "%s: removed\n", id)
	}
}

// chooseClusters is what is to be removed on top of what was stale: what is named, or
// all that is present, or what `chaos up` started.
func chooseClusters(c *cli.Context, present, clusters, stale []string) ([]string, error) {
	switch {
	case c.Bool("all"):
		return present, nil
	case c.Args().Present():
		return c.Args().Slice(), nil
	case slices.Contains(present, docker.DefaultRunID):
		return []string{docker.DefaultRunID}, nil
	case len(stale) > 0:
		return nil, nil
	case len(clusters) > 0:
		return nil, usage(fmt.Errorf("which one? %s; or --all", strings.Join(clusters, ", ")))
	default:
		return []string{docker.DefaultRunID}, nil
	}
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
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
what carries the label io.redis-chaos.run is.

What the engine will not remove is told with its remedy: of a run that is named as
an error (exit code 3), of others once and without harm.`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "remove every cluster of this tool that no run is using"}},
		Action: removeClusters,
	}
}

func removeClusters(c *cli.Context) error {
	if slices.Contains(c.Args().Slice(), "") {
		return usage(errors.New("a cluster's name cannot be empty; `chaos down --help` shows what it takes"))
	}
	hosts, unavailable, err := experiment.Hosts(c.Context)
	if err != nil {
		return err
	}
	defer experiment.CloseAll(hosts)
	var stale []string
	var left []error
	for _, h := range hosts {
		swept, err := experiment.RemoveStale(c.Context, h)
		for _, id := range swept.Removed {
			fmt.Fprintf(c.App.Writer, "%s: removed\n", id)
		}
		if err != nil {
			return err
		}
		stale, left = append(stale, swept.Removed...), append(left, swept.Left...)
	}
	present, clusters, err := standing(c.Context, hosts)
	if err != nil {
		return err
	}
	wanted, err := chooseClusters(c, present, clusters, stale)
	if err != nil {
		return err
	}
	for _, err := range left {
		var of compose.LeftError
		if !errors.As(err, &of) || !slices.Contains(wanted, of.LeftOf()) { // else it is told below
			tellLeft(c, err)
		}
	}
	var errs []error
	for _, id := range wanted {
		done := "nothing to remove"
		switch {
		case slices.Contains(present, id):
			done = "removed"
		case slices.Contains(stale, id), unavailable != nil: // told already, or not known
			done = ""
		}
		errs = append(errs, removeRun(c, hosts, id, done))
	}
	if len(stale) == 0 { // else something was done
		errs = append(errs, unavailable)
	}
	return errors.Join(errs...)
}

// removeRun removes a run wherever there is something of it, and tells what came of it: done, if nothing
// went wrong.
func removeRun(c *cli.Context, hosts []compose.Host, id, done string) error {
	var errs []error
	for _, h := range hosts {
		err := experiment.Remove(c.Context, h, id)
		var live *journal.InProgressError
		var left compose.LeftError
		switch {
		case err == nil:
			continue
		case errors.As(err, &live) && c.Bool("all"):
			done = fmt.Sprintf("left alone, it is in progress (%s)", live.Owner())
		case errors.As(err, &left) && c.Bool("all"):
			tellLeft(c, err)
			done = ""
		default:
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 && done != "" {
		fmt.Fprintf(c.App.Writer, "%s: %s\n", id, done)
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

// chooseClusters is what is to be removed on top of what was stale: what is named, or
// all that is present, or what `chaos up` started.
func chooseClusters(c *cli.Context, present, clusters, stale []string) ([]string, error) {
	switch {
	case c.Bool("all"):
		return present, nil
	case c.Args().Present():
		return c.Args().Slice(), nil
	case slices.Contains(present, compose.DefaultRunID):
		return []string{compose.DefaultRunID}, nil
	case len(stale) > 0:
		return nil, nil
	case len(clusters) > 0:
		return nil, usage(fmt.Errorf("which one? %s; or --all", strings.Join(clusters, ", ")))
	default:
		return []string{compose.DefaultRunID}, nil
	}
}

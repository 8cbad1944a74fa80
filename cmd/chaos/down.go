package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
)

func downCommand() *cli.Command {
	return &cli.Command{
		Name:      "down",
		Usage:     "remove clusters with their containers, networks and volumes",
		ArgsUsage: "[NAME-OR-RUN-ID…]",
		Description: `chaos down              what chaos up started
chaos down RUN-ID       what a run with --keep, or one that was killed, left behind
chaos down --all        everything of this tool

In Docker, only what carries the label ` + compose.RunLabel + ` is touched. What runs
with --runtime local left behind when they were killed is removed as well.`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "remove every cluster of this tool"}},
		Action: down,
	}
}

func down(c *cli.Context) error {
	// Local clusters end with the program that made them; what is left is that of
	// programs that were killed.
	stale, err := local.RemoveStale(c.Context)
	for _, id := range stale {
		fmt.Fprintf(c.App.Writer, "%s: removed\n", id)
	}
	if err != nil {
		return err
	}
	engine, err := compose.Connect(c.Context)
	if errors.Is(err, compose.ErrNoEngine) && len(stale) > 0 {
		return nil
	}
	if err != nil {
		return err
	}
	defer engine.Close()
	present, err := engine.Runs(c.Context)
	if err != nil {
		return err
	}
	wanted := c.Args().Slice()
	switch {
	case c.Bool("all"):
		wanted = present
	case len(wanted) == 0 && !slices.Contains(present, compose.DefaultRunID) && len(present) > 0:
		return usage(fmt.Errorf("which one? %s; or --all", strings.Join(present, ", ")))
	case len(wanted) == 0:
		wanted = []string{compose.DefaultRunID}
	}
	for _, id := range wanted {
		if slices.Contains(stale, id) {
			continue
		}
		if !slices.Contains(present, id) {
			fmt.Fprintf(c.App.Writer, "%s: nothing to remove\n", id)
			continue
		}
		if err := engine.Remove(c.Context, id); err != nil {
			return err
		}
		fmt.Fprintf(c.App.Writer, "%s: removed\n", id)
	}
	return nil
}

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/compose"
)

func downCommand() *cli.Command {
	return &cli.Command{
		Name:      "down",
		Usage:     "remove clusters with their containers, networks and volumes",
		ArgsUsage: "[NAME-OR-RUN-ID…]",
		Description: `chaos down              what chaos up started
chaos down RUN-ID       what a run with --keep, or one that was killed, left behind
chaos down --all        everything of this tool

Only what carries the label ` + compose.RunLabel + ` is touched.`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "remove every cluster of this tool"}},
		Action: down,
	}
}

func down(c *cli.Context) error {
	engine, err := compose.Connect(c.Context)
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

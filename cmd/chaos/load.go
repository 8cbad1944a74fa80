package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/demand"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// loadScenarios reads all the scenarios before anything is deployed, and reports what is
// wrong with each, or too much for this machine.
func loadScenarios(c *cli.Context) ([]*scenarios.Scenario, error) {
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

// printWarnings prints what may be other than intended in scenarios that can be run.
func printWarnings(w io.Writer, loaded []*scenarios.Scenario) {
	for _, s := range loaded {
		for _, warning := range s.Warnings {
			fmt.Fprintf(w, "warning: %v\n", warning)
		}
	}
}

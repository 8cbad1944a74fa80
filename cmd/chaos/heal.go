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
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func healCommand() *cli.Command {
	return &cli.Command{
		Name:      "heal",
		Usage:     "undo the faults that a run which was killed has left on a cluster",
		ArgsUsage: "[NAME-OR-RUN-ID | FILE]",
		Description: `chaos heal              what chaos up started, or the only cluster there is
chaos heal RUN-ID       the cluster that a run with --keep left behind
chaos heal FILE.yaml    the cluster of your own that a scenario names

Each fault is noted before it is injected. What is noted and was not undone is healed, and looked at
until nothing of it is seen. It can be called again and again, and does nothing where nothing is left.
What cannot be healed is told with the commands that do it by hand, and is tried again next time (exit code 3).

A cluster that a run in progress has is left alone. chaos run --on heals by itself, before anything else. The
clusters that a run deploys for itself go with it: chaos down removes what is left of them.`,
		Action: healCluster,
	}
}

func healCluster(c *cli.Context) error {
	if c.Args().Len() > 1 {
		return usage(fmt.Errorf("chaos heal heals one cluster at a time, not %d", c.Args().Len()))
	}
	if path := c.Args().First(); strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".yml") {
		return healBrought(c, path)
	}
	hosts, err := openHosts(c.Context)
	if err != nil {
		return err
	}
	defer experiment.CloseAll(hosts)
	_, present, err := standing(c.Context, hosts)
	if err != nil {
		return err
	}
	id := c.Args().First()
	switch {
	case id != "" && !slices.Contains(present, id):
		return fmt.Errorf("no cluster %q is up; of those that a run deploys for itself, `chaos down %s` removes what is left", id, id)
	case id == "" && len(present) == 0:
		fmt.Fprintln(c.App.Writer, "no cluster is up: nothing to heal")
		return nil
	case id == "":
		if id, err = chooseCluster(c, hosts, nil); err != nil {
			return err
		}
	}
	return healStanding(c, hosts, id)
}

func healStanding(c *cli.Context, hosts []compose.Host, id string) error {
	warn := func(text string) { fmt.Fprintf(c.App.ErrWriter, "chaos: %s\n", text) }
	o, err := experiment.Occupy(c.Context, hosts, id, warn)
	var stale *journal.StaleError
	if errors.As(err, &stale) {
		return fmt.Errorf("%w: it was to be removed with its run, and is not kept", err)
	}
	if err != nil {
		return err
	}
	return healOccupied(c, o, id)
}

// healBrought heals the cluster of the user's that a scenario names.
func healBrought(c *cli.Context, path string) error {
	s, _, err := parse.Load(c.Context, path, experiment.Catalog(), nil)
	if err != nil {
		return usage(err)
	}
	if !s.Cluster.IsBrought() {
		return usage(fmt.Errorf("%s names no cluster of your own (cluster.compose or cluster.addrs); name the cluster that is to be healed", path))
	}
	told := func(text string) { fmt.Fprintf(c.App.ErrWriter, "chaos: %s\n", text) }
	o, hosts, err := experiment.Bring(c.Context, s, experiment.Options{Progress: told, Warn: told})
	if err != nil {
		return err
	}
	defer experiment.CloseAll(hosts)
	return healOccupied(c, o, path)
}

// healOccupied heals a cluster, and leaves it.
func healOccupied(c *cli.Context, o *experiment.Occupied, name string) (err error) {
	defer func() { err = errors.Join(err, o.Leave(c.Context)) }()
	if len(o.Ledger.Open()) == 0 {
		fmt.Fprintf(c.App.Writer, "%s: nothing to heal\n", name)
		return nil
	}
	if err := o.Heal(c.Context, func(text string) { fmt.Fprintf(c.App.Writer, "%s: %s\n", name, text) }); err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "%s: nothing is left of any fault\n", name)
	return nil
}

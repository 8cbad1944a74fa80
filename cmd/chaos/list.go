package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func listCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the scenarios that come with the program",
		Description: `chaos list
chaos list --json | jq -r '.[].name'`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "as JSON"}},
		Action: listScenarios,
	}
}

func listScenarios(c *cli.Context) error {
	type entry struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	entries := []entry{}
	for _, name := range scenarios.Library() {
		s, _, err := parse.Load(c.Context, name, experiment.Catalog(), nil)
		if err != nil {
			return fmt.Errorf("the scenario %s that comes with the program: %w", name, err)
		}
		entries = append(entries, entry{name, s.Description})
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, entries)
	}
	t := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		fmt.Fprintf(t, "%s\t%s\n", e.Name, e.Description)
	}
	return t.Flush()
}

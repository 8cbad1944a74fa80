package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report/render"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "render the reports of a run again, from what it recorded",
		ArgsUsage: "DIR",
		Description: `chaos report chaos-runs/latest                      result.json and the reports, in place
chaos report chaos-runs/latest --out /tmp/again     the same, elsewhere
chaos report chaos-runs/latest --json | jq .failovers

DIR is the folder of a run. Its scenario.yaml and events.ndjson are read, and
nothing else. The record of a run that was killed is good for it, too: the
report then says what is missing. Where there is no record, result.json is
rendered as it stands.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`DIR` that receives the reports, instead of the run's own folder"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON on stdout, and nothing else there"},
		},
		Action: reportAgain,
	}
}

func reportAgain(c *cli.Context) error {
	if c.Args().Len() != 1 {
		return usage(fmt.Errorf("chaos report takes the folder of one run, not %d; the newest is %s/latest", c.Args().Len(), defaultOut))
	}
	dir := c.Args().First()
	out := cmp.Or(c.String("out"), dir)
	if c.IsSet("out") {
		if err := experiment.CheckOut(out); err != nil {
			return usage(err)
		}
	}
	outcome, err := experiment.Again(c.Context, dir, out)
	if errors.Is(err, experiment.ErrNotARun) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	return printForm(c.App.Writer, render.Forms(), outcome.Result, printing{asJSON: c.Bool("json")}, outcome.Reports)
}

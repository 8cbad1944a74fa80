package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/demand"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func validateCommand() *cli.Command {
	return &cli.Command{
		Name:      "validate",
		Usage:     "check scenarios without running them",
		ArgsUsage: "FILE-OR-NAME…",
		Description: `chaos validate my.yaml
chaos validate scenarios/*.yaml --set cluster.masters=5`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "set", Usage: "override a value of the scenario, as `PATH=VALUE`; repeatable"},
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usage(errors.New("no scenario; name files, or names that `chaos list` shows"))
			}
			loaded, err := loadScenarios(c)
			if err != nil {
				return err
			}
			printWarnings(c.App.ErrWriter, loaded)
			for _, s := range loaded {
				zones := ""
				if len(s.Cluster.Zones) > 0 {
					zones = " in zones " + strings.Join(s.Cluster.Zones, ", ")
				}
				fmt.Fprintf(c.App.Writer, "%s: valid: %d×%d nodes%s, %s, %s, %s\n  about %s\n", s.Name,
					s.Cluster.Masters, 1+s.Cluster.Replicas, zones, counted(len(s.Workloads), "workload"), faultsOf(s), s.Duration, demand.Of(s))
				printSteps(c.App.Writer, s)
			}
			return nil
		},
	}
}

// faultsOf says how many faults a scenario has.
func faultsOf(s *scenarios.Scenario) string {
	if s.Random == nil {
		return counted(len(s.Faults), "fault")
	}
	return fmt.Sprintf("random faults of %s, one each %s", counted(len(s.Random.Faults), "kind"), s.Random.Every)
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// printSteps lists the steps of a scenario whose moments do not follow from their at and for alone.
func printSteps(w io.Writer, s *scenarios.Scenario) {
	if s.Planned() {
		return
	}
	if s.Steady != nil {
		fmt.Fprintf(w, "  steady for %v first, within %v\n", s.Steady.For, s.Steady.Timeout)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, f := range s.Faults {
		name := f.Name
		if name == "" {
			name = fmt.Sprintf("faults[%d]", i)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", name, f.Kind, f.Moments())
	}
	table.Flush()
}

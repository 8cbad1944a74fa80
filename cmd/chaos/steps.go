package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

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

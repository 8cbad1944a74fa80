// Package tables holds the sections of a report, each a table of what the result holds.
package tables

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Sections are the sections below the expectations. Those with nothing to tell
// are left out.
func Sections(r *report.Result) []page.Section {
	all := []page.Section{incidents(r), failovers(r)}
	all = append(all, anatomies(r)...)
	all = append(all, recoveries(r), writes(r), mixtures(r), losses(r), waits(r), waitsAOF(r), readsOf(r), staleReads(r), locks(r), linearizability(r), heard(r), consumed(r), availability(r), outages(r), changes(r), latency(r), latencyPhases(r), failures(r), clients(r), faults(r), outcomes(r), subject(r),
		page.Section{Title: "Notes", Lists: [][]string{r.Notes}})
	return slices.DeleteFunc(all, page.Section.IsEmpty)
}

// Expectations is what was expected, and what was found.
func Expectations(r *report.Result) page.Section {
	s := page.Section{Title: "Expectations", Columns: page.Columns("", "expectation", ">want", ">got")}
	for _, e := range r.Expectations {
		s.Rows = append(s.Rows, []string{mark(e.OK), page.Code(e.Name), e.Want, e.Shown})
	}
	return s
}

func mark(ok bool) string {
	if ok {
		return "✅"
	}
	return "❌"
}

func subject(r *report.Result) page.Section {
	run := r.Run
	recovered := "unknown"
	if r.Recovered != nil {
		recovered = map[bool]string{true: "yes", false: "no"}[*r.Recovered]
	}
	server := fmt.Sprintf("%s %s (image %s)", run.Server.Name, run.Server.Version, page.Code(run.Server.Image))
	if run.Server.Binary != "" {
		server = fmt.Sprintf("%s %s (%s)", run.Server.Name, run.Server.Version, page.Code(run.Server.Binary))
	}
	if run.Server.Built != "" {
		server += fmt.Sprintf(", built from %s", page.Code(run.Server.Built))
	}
	var config []string
	for _, name := range slices.Sorted(maps.Keys(run.Config)) {
		config = append(config, page.Code(name+" "+run.Config[name]))
	}
	s := page.Section{Title: "What was run, on what", Columns: page.Columns("", "")}
	add := func(name, value string, known bool) {
		if known { // a run that failed early knows less of itself
			s.Rows = append(s.Rows, []string{name, value})
		}
	}
	add("run", page.Code(run.ID), true)
	add("scenario", run.Scenario, true)
	add("started", run.Started.Format("2006-01-02 15:04:05 MST"), !run.Started.IsZero())
	add("took", words.Duration(run.Duration), run.Duration > 0)
	add("recovered", recovered, true)
	add("server", server, run.Server.Name != "")
	add("topology", words.Masters(run.Topology.Masters, run.Topology.Replicas, run.Topology.ReplicasOf), run.Topology.Masters > 0)
	var zones []string
	for _, z := range run.Topology.Zones {
		zones = append(zones, z.Zone+": "+strings.Join(z.Nodes, ", "))
	}
	add("zones", strings.Join(zones, "; "), len(zones) > 0)
	add("redis.conf", strings.Join(config, ", "), len(config) > 0)
	add("runtime", fmt.Sprintf("%s (%s)", run.Runtime, run.Engine), run.Engine != "")
	add("seed", fmt.Sprint(run.Seed), true)
	add("tool", run.Tool, true)
	return s
}

// Package analysis makes the result of a scenario and of the record of its run: figures and
// findings, and no words. Each subject is a package below it, which asks analysis/observed.
package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/failovers"
	"github.com/redis-chaos/redis-chaos/report/analysis/latency"
	"github.com/redis-chaos/redis-chaos/report/analysis/losses"
	"github.com/redis-chaos/redis-chaos/report/analysis/measured"
	"github.com/redis-chaos/redis-chaos/report/analysis/missed"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/analysis/outages"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Analyze is a pure function from a scenario and the record of its run to the
// result, which has figures and findings, and no words: prose.Describe adds these. It tells
// whatever the record holds: of a run that was cut short, too.
func Analyze(s *scenarios.Scenario, events []record.Event) *report.Result {
	facts := observed.Of(s, events)
	r := &report.Result{Schema: report.Schema, Faults: []report.Fault{}, Incidents: []report.Incident{}, Holes: []report.Hole{}, Failovers: []report.Failover{}, Missed: []report.Missed{}, Outages: []report.Outage{}, Workloads: []report.Workload{}, Shards: []report.Shard{},
		Expectations: []report.Expectation{}, Notes: []string{}}
	if facts.Started == nil {
		r.Verdict, r.Error = report.Error, "the record does not hold the start of the run"
		r.Run.Scenario = s.Name
		r.Notices = recordedNotices(facts)
		return r
	}
	r.Run = runOf(facts)
	for _, f := range facts.Faults {
		r.Faults = append(r.Faults, f.Fault)
	}
	measured.Judge(r.Faults)
	r.Incidents, r.Holes = facts.Incidents, facts.Holes
	r.Failovers = failovers.Find(facts)
	r.Missed = missed.Find(facts, r.Failovers)
	r.Shards = outages.Shards(facts)
	r.Outages = outages.Find(facts)
	r.Workloads, r.Writes = losses.Workloads(facts, s, r.Failovers)
	losses.Attribute(r.Faults, r.Workloads)
	if facts.Settled != nil {
		r.Recovered = &facts.Settled.OK
	}
	r.Notices = noticesOf(facts, s, r)
	latency.AddPhases(r, s, events)
	latency.AddReads(r, s, events)
	r.Timeline = timelineOf(facts, r.Workloads)
	r.TakesIncidents = slices.ContainsFunc(s.Expect, func(e expect.Expectation) bool { return e.Metric.Name == figures.IncidentsMetric })
	r.Expectations = figures.Judge(s, r)
	r.Verdict, r.Error = verdictOf(facts, r.Expectations)
	return r
}

// verdictOf is the outcome of a run, and why it was not carried out to its end, if it was not.
func verdictOf(facts *observed.Facts, judged []report.Expectation) (verdict report.Verdict, why string) {
	switch {
	case facts.Ended == nil:
		return report.Error, "the record ends before the run does"
	case facts.Missing == 1:
		return report.Error, "the record is incomplete: 1 event missing or damaged"
	case facts.Missing > 0:
		return report.Error, fmt.Sprintf("the record is incomplete: %s events missing or damaged", words.Count(int64(facts.Missing)))
	case len(facts.Ended.Unhealed) > 0:
		return report.Error, strings.Join(facts.Ended.Unhealed, "; ")
	case facts.Ended.Interrupted:
		return report.Error, "the run was interrupted"
	case facts.Ended.Error != "":
		return report.Error, facts.Ended.Error
	case slices.ContainsFunc(judged, func(e report.Expectation) bool { return !e.OK }):
		return report.Fail, ""
	case lacksStep(facts) != "":
		return report.Error, lacksStep(facts)
	default:
		return report.Pass, ""
	}
}

// lacksStep tells of the first step that was skipped though the run is not what the scenario asks
// for without it; "" if there is none.
func lacksStep(facts *observed.Facts) string {
	for i, f := range facts.Faults {
		if f.Needed {
			return fmt.Sprintf("faults[%d] (%s) was skipped: %s", f.StepIndex(i), f.Kind, f.Skipped)
		}
	}
	return ""
}

// zonesOf lists the zones that nodes are in.
func zonesOf(nodes []record.Node) (zones []report.Zone) {
	for _, n := range nodes {
		if n.Zone == "" {
			continue
		}
		i := slices.IndexFunc(zones, func(z report.Zone) bool { return z.Zone == n.Zone })
		if i < 0 {
			i, zones = len(zones), append(zones, report.Zone{Zone: n.Zone})
		}
		zones[i].Nodes = append(zones[i].Nodes, n.Name)
	}
	return zones
}

// unequalReplicas is how many replicas each shard has; nil if they are equally many.
func unequalReplicas(shards []record.Shard) (of []int) {
	for _, s := range shards {
		of = append(of, len(s.Replicas))
	}
	if len(slices.Compact(slices.Clone(of))) <= 1 {
		return nil
	}
	return of
}

func runOf(facts *observed.Facts) report.Run {
	s := facts.Started
	return report.Run{
		ID: s.ID, Scenario: s.Scenario, Started: s.Started, Duration: facts.End, Seed: s.Seed,
		Runtime: s.Runtime, Engine: s.Engine, Tool: s.Tool, Server: s.Server,
		Topology: report.Topology{Masters: s.Masters, Replicas: s.Replicas, ReplicasOf: unequalReplicas(s.Shards), Zones: zonesOf(s.Nodes)}, Config: s.Config,
	}
}

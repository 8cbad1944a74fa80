// Package observed says what the record of a run tells of its nodes: which of them answered when, who
// was master, what faults and incidents did to them, and of which times nothing is known. It is
// what the analyses ask; it blames nobody.
package observed

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Of is what the record of a run of a scenario says. Of one that does not tell of its start
// there is little.
func Of(s *scenarios.Scenario, events []record.Event) *Facts {
	facts := Arrange(events)
	if facts.Started == nil {
		return facts
	}
	facts.Faults = faultsOf(facts, s.Faults)
	facts.Incidents = incidentsOf(facts)
	facts.Holes = holesOf(facts)
	facts.ProbePace = record.InMillis(s.Observe.Probes.D())
	facts.loadEnd = max(facts.loadEnd, record.InMillis(s.Duration.D()))
	facts.AnnouncesNames = s.Cluster.Announce == scenarios.AnnounceHostname
	facts.OwnTTL = slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.TTL() > 0 })
	facts.Changes = changesOf(facts)
	facts.Gaps = gapsOf(facts)
	facts.Uncovered = uncoveredOf(facts)
	return facts
}

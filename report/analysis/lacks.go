package analysis

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// unheard names the workloads of which it was not judged what subscribers heard, or
// consumer groups got.
func unheard(facts *observed.Facts, s *scenarios.Scenario) (names []string) {
	for _, w := range s.Workloads {
		if w.Can(trait.CountsMissed) && facts.Heard[w.Name] == nil || w.Can(trait.HasGroups) && facts.Consumed[w.Name] == nil {
			names = append(names, w.Name)
		}
	}
	return names
}

// lacksOf is what is not in the record of a run that did not get to its end.
func lacksOf(facts *observed.Facts, s *scenarios.Scenario) (lacks []report.Lack) {
	var uncounted, unread, unjudged []string
	for _, w := range s.Workloads {
		if !slices.ContainsFunc(facts.Done, func(d *record.WorkloadDone) bool { return d.Name == w.Name }) {
			uncounted = append(uncounted, w.Name)
		}
		switch {
		case w.Type == "lock" && facts.Locks[w.Name] == nil, w.Type == "linearizable" && facts.Linear[w.Name] == nil:
			unjudged = append(unjudged, w.Name)
		case w.Type != "lock" && w.Type != "linearizable" && !w.Can(trait.CountsMissed) && facts.Verified[w.Name] == nil:
			unread = append(unread, w.Name)
		}
	}
	add := func(what report.LackKind, workloads []string) {
		if len(workloads) > 0 {
			lacks = append(lacks, report.Lack{What: what, Workloads: workloads})
		}
	}
	add(report.LackCounts, uncounted)
	if facts.Settled == nil {
		lacks = append(lacks, report.Lack{What: report.LackRecovery})
	}
	add(report.LackLosses, unread)
	add(report.LackVerdicts, unjudged)
	add(report.LackReceivers, unheard(facts, s))
	if !slices.ContainsFunc(facts.Events, func(e record.Event) bool { return e.Data.Type() == (*record.Log)(nil).Type() }) {
		lacks = append(lacks, report.Lack{What: report.LackLogs})
	}
	return lacks
}

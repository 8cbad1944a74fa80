package report

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// lacksOf is what is not in the record of a run that did not get to its end.
func lacksOf(h *history, s *scenarios.Scenario) (lacks []Lack) {
	var uncounted, unread, unjudged []string
	for _, w := range s.Workloads {
		if !slices.ContainsFunc(h.done, func(d *record.WorkloadDone) bool { return d.Name == w.Name }) {
			uncounted = append(uncounted, w.Name)
		}
		switch {
		case w.Type == "lock" && h.locks[w.Name] == nil, w.Type == "linearizable" && h.linear[w.Name] == nil:
			unjudged = append(unjudged, w.Name)
		case w.Type != "lock" && w.Type != "linearizable" && !w.Can(scenarios.CountsMissed) && h.verified[w.Name] == nil:
			unread = append(unread, w.Name)
		}
	}
	add := func(what LackKind, workloads []string) {
		if len(workloads) > 0 {
			lacks = append(lacks, Lack{what, workloads})
		}
	}
	add(LackCounts, uncounted)
	if h.settled == nil {
		lacks = append(lacks, Lack{What: LackRecovery})
	}
	add(LackLosses, unread)
	add(LackVerdicts, unjudged)
	add(LackReceivers, h.unheard(s))
	if !slices.ContainsFunc(h.events, func(e record.Event) bool { return e.Data.Type() == (*record.Log)(nil).Type() }) {
		lacks = append(lacks, Lack{What: LackLogs})
	}
	return lacks
}

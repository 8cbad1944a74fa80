package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// missingParts says what is not in the record of a run that did not get to its
// end; "" if the run did.
func missingParts(h *history, s *scenarios.Scenario) string {
	if h.ended != nil {
		return ""
	}
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
	var missing []string
	if len(uncounted) > 0 {
		missing = append(missing, "what the workloads counted ("+strings.Join(uncounted, ", ")+")")
	}
	if h.settled == nil {
		missing = append(missing, "whether the cluster recovered")
	}
	if len(unread) > 0 {
		missing = append(missing, "whether acked writes are lost ("+strings.Join(unread, ", ")+")")
	}
	if len(unjudged) > 0 {
		missing = append(missing, "what the clients' histories show ("+strings.Join(unjudged, ", ")+")")
	}
	if unheard := h.unheard(s); len(unheard) > 0 {
		missing = append(missing, "what subscribers and consumer groups got ("+strings.Join(unheard, ", ")+")")
	}
	if !slices.ContainsFunc(h.events, func(e record.Event) bool { return e.Data.Type() == (*record.Log)(nil).Type() }) {
		missing = append(missing, "the servers' logs, and so election_ms and promoted_ms as these tell them")
	}
	note := fmt.Sprintf("The record ends at %s, before the run does.", Duration(h.observedUntil()))
	if len(missing) > 0 {
		note += " It does not hold: " + strings.Join(missing, "; ") + "."
	}
	return note
}

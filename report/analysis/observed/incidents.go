package observed

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// undoneBy is what the runtime reports when an incident is undone.
func undoneBy(i report.Incident, n *record.NodeEvent) bool {
	switch i.Action {
	case report.IncidentDied:
		return n.Action == record.NodeStarted
	case report.IncidentPaused:
		return n.Action == record.NodeUnpaused
	case report.IncidentDisconnected:
		return n.Action == record.NodeConnected && n.Network == i.Network
	default:
		return false
	}
}

// incidentsOf finds what happened to the nodes by what the runtime says, and no fault explains.
func incidentsOf(facts *Facts) []report.Incident {
	all := []report.Incident{}
	short := map[string]float64{} // node -> when its memory ran out
	for _, e := range facts.Happened {
		n := e.Data.(*record.NodeEvent)
		for i := range all {
			if all[i].Node == n.Node && all[i].Until == nil && undoneBy(all[i], n) {
				all[i].Until = new(e.At)
			}
		}
		action, ok := map[record.NodeAction]report.IncidentAction{record.NodeDied: report.IncidentDied, record.NodeRemoved: report.IncidentRemoved, record.NodePaused: report.IncidentPaused, record.NodeDisconnected: report.IncidentDisconnected}[n.Action]
		switch {
		case n.Action == record.NodeOutOfMemory:
			short[n.Node] = float64(e.At)
			continue
		case !ok || slices.ContainsFunc(facts.Faults, func(f Fault) bool { return f.explains(n, e.At) }):
			continue
		}
		// Engines take one that has ended off its networks, before or after they tell of its
		// end, and one that is removed has ended before.
		if last := slices.IndexFunc(all, func(i report.Incident) bool { return i.Node == n.Node && i.Ended() && i.In(e.At) }); last >= 0 {
			if action == report.IncidentRemoved {
				all[last].Action = action
			}
			continue
		}
		if action != report.IncidentDisconnected {
			all = slices.DeleteFunc(all, func(i report.Incident) bool {
				return i.Node == n.Node && i.Action == report.IncidentDisconnected && e.At-i.At < EndSlack
			})
		}
		at, memory := short[n.Node]
		all = append(all, report.Incident{Node: n.Node, Action: action, At: e.At, Exit: n.Exit, Network: n.Network, OutOfMemory: memory && e.At-record.Millis(at) < EndSlack})
	}
	return all
}

// explains tells whether a fault did what the runtime says of a node at a moment.
func (f Fault) explains(n *record.NodeEvent, ms record.Millis) bool {
	until := f.healing + report.Noticeable
	switch {
	case f.Effective == nil: // the runtime may be at it still when its healing is asked for
		until = record.Millis(math.Inf(1))
	case f.Healed != nil: // it may tell of the last of it shortly before it tells of that
		until = max(until, *f.Healed)
	}
	if f.Requested == nil || !slices.Contains(f.Targets, n.Node) || ms < *f.Requested-report.Noticeable || ms > until {
		return false
	}
	return slices.ContainsFunc(f.Effects, func(e record.Effect) bool {
		switch e {
		case record.Freezes:
			return n.Action == record.NodePaused
		case record.CutsOff:
			return n.Action == record.NodeDisconnected
		case record.Ends, record.Disturbs: // engines take one that has ended off its networks
			return n.Action == record.NodeDied || n.Action == record.NodeDisconnected
		default:
			return false
		}
	})
}

// Hid tells whether it hid a node from its peers at a moment, or until so shortly before it.
func Hid(i report.Incident, node string, ms, lasting record.Millis) bool {
	return i.Node == node && i.HidesFromPeers() && i.At <= ms && i.Over()+lasting >= ms
}

// IncidentOn is the first incident that hid a node from its peers at a moment, or until so
// shortly before it.
func IncidentOn(incidents []report.Incident, node string, ms, lasting record.Millis) (found report.Incident, ok bool) {
	for _, i := range incidents {
		if Hid(i, node, ms, lasting) {
			return i, true
		}
	}
	return found, false
}

// IncidentEvidence is what the runtime said of it.
func IncidentEvidence(i report.Incident) report.Evidence {
	return report.Evidence{Kind: "incident", Moment: new(i.At), Node: i.Node, Name: string(i.Action), Value: i.Exit}
}

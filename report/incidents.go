package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Incident is something that happened to a node and that no fault of the scenario had done:
// it crashed, or somebody else stopped or removed it.
type Incident struct {
	Node   string         `json:"node"`
	Action IncidentAction `json:"action"`
	AtMS   float64        `json:"at_ms"` // on the run's clock
	// UntilMS is when that was undone, by whomever; nil if it was not.
	UntilMS *float64 `json:"until_ms"`
	// Exit is the server's exit status, as the runtime tells it.
	Exit string `json:"exit,omitempty"`
	// OutOfMemory: the kernel had ended it because memory ran out.
	OutOfMemory bool `json:"out_of_memory,omitempty"`
	// Network is the one that it was taken off.
	Network string `json:"network,omitempty"`
}

// IncidentAction is what happened to a node.
type IncidentAction string

// The actions of incidents.
const (
	IncidentDied         IncidentAction = "died"
	IncidentRemoved      IncidentAction = "removed" // its container
	IncidentPaused       IncidentAction = "paused"
	IncidentDisconnected IncidentAction = "disconnected"
)

// ended tells whether the server was not there any more.
func (i Incident) ended() bool { return i.Action == IncidentDied || i.Action == IncidentRemoved }

// hidesFromPeers tells whether the other nodes did not reach it because of that.
func (i Incident) hidesFromPeers() bool { return i.Network != clientNetwork }

// in tells whether it was under way at a moment.
func (i Incident) in(ms float64) bool { return i.AtMS <= ms && i.over() >= ms }

// over is when it was undone; infinite if it was not.
func (i Incident) over() float64 {
	if i.UntilMS == nil {
		return math.Inf(1)
	}
	return *i.UntilMS
}

// clientNetwork is the network of clients, in the words of the record.
const clientNetwork = "client"

// undoneBy is what the runtime reports when an incident is undone.
func (i Incident) undoneBy(n *record.NodeEvent) bool {
	switch i.Action {
	case IncidentDied:
		return n.Action == record.NodeStarted
	case IncidentPaused:
		return n.Action == record.NodeUnpaused
	case IncidentDisconnected:
		return n.Action == record.NodeConnected && n.Network == i.Network
	default:
		return false
	}
}

// incidentsOf finds what happened to the nodes by what the runtime says, and no fault explains.
func incidentsOf(h *history) []Incident {
	all := []Incident{}
	short := map[string]float64{} // node -> when its memory ran out
	for _, e := range h.happened {
		n := e.Data.(*record.NodeEvent)
		for i := range all {
			if all[i].Node == n.Node && all[i].UntilMS == nil && all[i].undoneBy(n) {
				all[i].UntilMS = new(e.MS)
			}
		}
		action, ok := map[record.NodeAction]IncidentAction{record.NodeDied: IncidentDied, record.NodeRemoved: IncidentRemoved, record.NodePaused: IncidentPaused, record.NodeDisconnected: IncidentDisconnected}[n.Action]
		switch {
		case n.Action == record.NodeOutOfMemory:
			short[n.Node] = e.MS
			continue
		case !ok || slices.ContainsFunc(h.faults, func(f fault) bool { return f.explains(n, e.MS) }):
			continue
		}
		// Engines take one that has ended off its networks, before or after they tell of its
		// end, and one that is removed has ended before.
		if last := slices.IndexFunc(all, func(i Incident) bool { return i.Node == n.Node && i.ended() && i.in(e.MS) }); last >= 0 {
			if action == IncidentRemoved {
				all[last].Action = action
			}
			continue
		}
		if action != IncidentDisconnected {
			all = slices.DeleteFunc(all, func(i Incident) bool {
				return i.Node == n.Node && i.Action == IncidentDisconnected && e.MS-i.AtMS < endSlack
			})
		}
		at, memory := short[n.Node]
		all = append(all, Incident{Node: n.Node, Action: action, AtMS: e.MS, Exit: n.Exit, Network: n.Network, OutOfMemory: memory && e.MS-at < endSlack})
	}
	return all
}

// explains tells whether a fault did what the runtime says of a node at a moment.
func (f fault) explains(n *record.NodeEvent, ms float64) bool {
	until := f.healing + noticeable
	switch {
	case f.EffectiveMS == nil: // the runtime may be at it still when its healing is asked for
		until = math.Inf(1)
	case f.HealedMS != nil: // it may tell of the last of it shortly before it tells of that
		until = max(until, *f.HealedMS)
	}
	if f.RequestedMS == nil || !slices.Contains(f.Targets, n.Node) || ms < *f.RequestedMS-noticeable || ms > until {
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

// hid tells whether it hid a node from its peers at a moment, or until so shortly before it.
func (i Incident) hid(node string, ms, lasting float64) bool {
	return i.Node == node && i.hidesFromPeers() && i.AtMS <= ms && i.over()+lasting >= ms
}

// incidentOn is the first incident that hid a node from its peers at a moment, or until so
// shortly before it.
func incidentOn(incidents []Incident, node string, ms, lasting float64) (found Incident, ok bool) {
	for _, i := range incidents {
		if i.hid(node, ms, lasting) {
			return i, true
		}
	}
	return found, false
}

// incidentEvidence is what the runtime said of it.
func incidentEvidence(i Incident) Evidence {
	return Evidence{Kind: "incident", MS: new(i.AtMS), Node: i.Node, Name: string(i.Action), Value: i.Exit}
}

// incidentSentences tell of what happened to the nodes without a fault, before all else.
func incidentSentences(r *Result) (sentences []string) {
	for n, i := range r.Incidents {
		text := incidentsShown(r)[n] + ", and no fault of the scenario had done that"
		switch {
		case i.UntilMS == nil:
		case i.Action == IncidentDied:
			text += fmt.Sprintf("; it was started again at %s", Duration(*i.UntilMS))
		default:
			text += fmt.Sprintf("; that was undone at %s", Duration(*i.UntilMS))
		}
		sentences = append(sentences, text+".")
	}
	return sentences
}

// incidents lists what happened to the nodes without a fault.
func incidents(r *Result) page.Section {
	s := page.Section{
		Title:   "Incidents",
		Intro:   "What happened to nodes, by the word of what runs them, that no fault of the scenario had done.",
		Columns: page.Columns("node", "what", ">at", ">undone at"),
	}
	for _, i := range r.Incidents {
		s.Rows = append(s.Rows, []string{i.Node, i.text(), Duration(i.AtMS), optional(i.UntilMS)})
	}
	return s
}

// incidentsShown is the incidents in a few words each.
func incidentsShown(r *Result) (shown []string) {
	for _, i := range r.Incidents {
		shown = append(shown, fmt.Sprintf("%s %s at %s", i.Node, i.text(), Duration(i.AtMS)))
	}
	return shown
}

// text is what happened, in the past tense.
func (i Incident) text() string {
	switch {
	case i.Action == IncidentDied && i.OutOfMemory:
		return "was killed because memory ran out"
	case i.Action == IncidentDied && i.Exit != "":
		return fmt.Sprintf("died (exit status %s)", i.Exit)
	case i.Action == IncidentDied:
		return "died"
	case i.Action == IncidentDisconnected && i.Network != "":
		return fmt.Sprintf("was taken off the %s network", i.Network)
	default:
		return "was " + string(i.Action)
	}
}

package report

import (
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Incident is something that happened to a node and that no fault of the scenario had done:
// it crashed, or somebody else stopped or removed it.
type Incident struct {
	Node   string         `json:"node"`
	Action IncidentAction `json:"action"`
	At     record.Millis  `json:"at_ms"` // on the run's clock
	// Until is when that was undone, by whomever; nil if it was not.
	Until *record.Millis `json:"until_ms"`
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

// Ended tells whether the server was not there any more.
func (i Incident) Ended() bool { return i.Action == IncidentDied || i.Action == IncidentRemoved }

// HidesFromPeers tells whether the other nodes did not reach it because of that.
func (i Incident) HidesFromPeers() bool { return i.Network != ClientNetwork }

// In tells whether it was under way at a moment.
func (i Incident) In(ms record.Millis) bool { return i.At <= ms && i.Over() >= ms }

// Over is when it was undone; infinite if it was not.
func (i Incident) Over() record.Millis {
	if i.Until == nil {
		return record.Millis(math.Inf(1))
	}
	return *i.Until
}

// ClientNetwork is the network of clients, in the words of the record.
const ClientNetwork = "client"

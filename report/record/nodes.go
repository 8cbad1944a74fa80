package record

// NodeEvent is what the runtime says of a node, at the runtime's own time.
type NodeEvent struct {
	Node    string     `json:"node"`
	Action  NodeAction `json:"action"`
	Network string     `json:"network,omitempty"`
	Exit    string     `json:"exit,omitempty"`
}

// NodeAction is what happened to a node, in the words of the record, which are those of Docker's
// events.
type NodeAction string

// What can happen to a node.
const (
	NodeDied         NodeAction = "die"
	NodeStarted      NodeAction = "start"
	NodePaused       NodeAction = "pause"
	NodeUnpaused     NodeAction = "unpause"
	NodeSignalled    NodeAction = "kill"
	NodeOutOfMemory  NodeAction = "oom"
	NodeRemoved      NodeAction = "destroy"
	NodeDisconnected NodeAction = "disconnect"
	NodeConnected    NodeAction = "connect"
	NodeHealthy      NodeAction = "health_status: healthy"
	NodeUnhealthy    NodeAction = "health_status: unhealthy"
)

// Identity is a node's being another one than before to the cluster, by its own word, as it has come back without its
// nodes.conf or was reset, or its being at another address.
type Identity struct {
	Node    string `json:"node"`
	ID      string `json:"id"`      // the 40 hex digits of CLUSTER MYID
	Address string `json:"address"` // as announced to the cluster
}

// Type implements Data.
func (*NodeEvent) Type() string { return "node" }
func (*Identity) Type() string  { return "identity" }

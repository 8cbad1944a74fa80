package record

// Linearizability is whether what the clients of a workload were answered is what
// one register for each key would have answered, had it done one operation at a
// time.
type Linearizability struct {
	Name    string                 `json:"name"`
	Verdict LinearizabilityVerdict `json:"verdict"`
	// Reason is why the verdict is unknown.
	Reason string `json:"reason,omitempty"`
	// Keys is the number of keys at a time, and Generations of those that took turns
	// behind them. Operations are those whose answer or effect is in the history.
	Keys        int   `json:"keys"`
	Generations int64 `json:"generations"`
	Operations  int64 `json:"operations"`
	// Reads, Writes and CAS count those that were answered, and Unanswered the writes
	// of either sort that may have had an effect all the same.
	Reads      int64 `json:"reads"`
	Writes     int64 `json:"writes"`
	CAS        int64 `json:"cas"`
	Unanswered int64 `json:"unanswered"`
	// Violated and Unknown count generations.
	Violated int64 `json:"violated"`
	Unknown  int64 `json:"unknown"`
	// Checked is how long the check took.
	Checked Millis `json:"checked_ms"`
	// Violation is the first one; nil if there is none.
	Violation *Violation `json:"violation,omitempty"`
}

// LinearizabilityVerdict is what a check came to.
type LinearizabilityVerdict string

// The verdicts. A history is violated if one of its keys is, whatever else is unknown.
const (
	LinearizabilityOK       LinearizabilityVerdict = "ok"
	LinearizabilityViolated LinearizabilityVerdict = "violated"
	LinearizabilityUnknown  LinearizabilityVerdict = "unknown"
)

// Violation is a key whose history is not linearizable.
type Violation struct {
	Key   string `json:"key"`
	Shard int    `json:"shard"`
	// Operation is the first that no order explains, from its call at From to its
	// answer at Until, and Node the one that answered it; "" if it was not found in
	// time.
	Operation string `json:"operation"`
	Client    int    `json:"client"` // numbered from 0
	From      Millis `json:"from_ms"`
	Until     Millis `json:"until_ms"`
	Node      string `json:"node,omitempty"`
	// Nodes are all that answered on the key, in the order in which they began to.
	Nodes []string `json:"nodes,omitempty"`
	// KeyFrom and KeyUntil are the first call and the last answer on the key.
	KeyFrom  Millis `json:"key_from_ms"`
	KeyUntil Millis `json:"key_until_ms"`
	// Picture is the name of the artifact that shows the history of the key.
	Picture string `json:"picture,omitempty"`
}

// Type implements Data.
func (*Linearizability) Type() string { return "linearizability" }

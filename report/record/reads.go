package record

// StaleReadsInFull is how many stale reads of a workload are recorded one by one.
const StaleReadsInFull = 1000

// StaleRead is a read that answered with less than what had been acked before it
// was sent. The event's time is that of the answer.
type StaleRead struct {
	Workload string `json:"workload"`
	Shard    int    `json:"shard"`
	Key      string `json:"key"`
	// Node answered; Role is what the client took it for then, master or replica.
	Node string `json:"node"`
	Role string `json:"role,omitempty"`
	// Got is the number that was read; nil if nothing was there.
	Got *int64 `json:"got"`
	// Want is the least that the read had to see: the number of a register's last
	// acked write, or how many writes of a counter were acked.
	Want int64  `json:"want"`
	Sent Millis `json:"sent_ms"`
	// Age is for how long a write had been acked that the read has not seen: the
	// first such of a register, and at least the last of a counter.
	Age Millis `json:"age_ms"`
}

// Type implements Data.
func (*StaleRead) Type() string { return "stale_read" }

// Reads is what a workload's reads came to. They are no writes, and in none of
// their figures.
type Reads struct {
	Ratio float64 `json:"ratio"` // of all operations
	From  string  `json:"from"`  // master, replica or any
	// Attempted = OK + Failed.
	Attempted int64 `json:"attempted"`
	OK        int64 `json:"ok"`
	Failed    int64 `json:"failed"`
	// Unsent counts reads of an open loop that no client was free to send.
	Unsent int64 `json:"unsent,omitempty"`
	// Stale counts reads that saw less than what was acked before they were sent,
	// of which the record holds the first StaleReadsInFull.
	Stale int64 `json:"stale"`
	// Oldest is the longest Age of a stale read; nil without.
	Oldest *Millis `json:"oldest_ms"`
	// Unsure counts reads of a write that is older than what was acked, and one of
	// whose attempts was never answered and may have been applied after that.
	Unsure int64 `json:"unsure,omitempty"`
	// Strange counts reads of what the workload never wrote.
	Strange int64 `json:"strange,omitempty"`
	// Nodes is who answered, by name.
	Nodes []ReadNode `json:"nodes"`
	// Latency of answered reads, in an open loop from when they were due; nil if
	// none was answered.
	Latency *Latency     `json:"latency_ms"`
	Errors  []ErrorCount `json:"errors,omitempty"`
}

// ReadNode is what reads one node answered.
type ReadNode struct {
	Node  string `json:"node"`
	OK    int64  `json:"ok"`
	Stale int64  `json:"stale"`
}

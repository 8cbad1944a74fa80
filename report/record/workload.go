package record

// Acks is an unbroken row of workload writes on one shard acked by one node,
// with less than AckGap between any two. The event's time is that of the first.
// Long rows are recorded in parts, each from the last ack of the one before it,
// so that a crash loses little.
type Acks struct {
	Workload string `json:"workload"`
	Shard    int    `json:"shard"`
	Node     string `json:"node"`
	Until    Millis `json:"until_ms"`
	Count    int64  `json:"count"`
}

// AckGap is the silence that ends a row of acks, in milliseconds.
const AckGap = 50

// WorkloadDone is what a workload counted by the time its last write ended.
type WorkloadDone struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // the workload's type
	// Start is when it began to write; 0 in records of before it was noted.
	Start Millis `json:"start_ms,omitempty"`
	End   Millis `json:"end_ms"`
	// Attempted = Acked + Failed + Indeterminate.
	Attempted     int64 `json:"attempted"`
	Acked         int64 `json:"acked"`
	Failed        int64 `json:"failed"`
	Indeterminate int64 `json:"indeterminate"`
	// Unsent counts open-loop arrivals that no client was free to send.
	Unsent int64 `json:"unsent,omitempty"`
	// TargetRate is the asked rate in writes, without reads, per second, on average if it changes;
	// 0 in a closed loop. Rates tells how it changes, if it does.
	TargetRate float64 `json:"target_rate,omitempty"`
	Rates      string  `json:"rates,omitempty"`
	// Latency of acked writes, from the intended time of sending in an open
	// loop; nil if nothing was acked.
	Latency *Latency `json:"latency_ms"`
	// Lateness is how long after it was due each write of an open loop was sent;
	// nil in a closed loop.
	Lateness *Latency     `json:"lateness_ms,omitempty"`
	Errors   []ErrorCount `json:"errors,omitempty"`
	// Wait is what WAIT told, if the workload asked.
	Wait *Waits `json:"wait,omitempty"`
	// WaitAOF is what WAITAOF told, if the workload asked.
	WaitAOF *WaitsAOF `json:"waitaof,omitempty"`
	// Reads is what its reads came to; nil if it does not read.
	Reads *Reads `json:"reads,omitempty"`
	// Client is the client's options; nil in records of before they were noted.
	Client *ClientSettings `json:"client,omitempty"`
	// NoLoss: what this type of workload does is not looked for afterwards, and so
	// no losses are counted.
	NoLoss bool `json:"no_loss,omitempty"`
	// Shards is what happened on each shard that anything was written to.
	Shards []ClientShard `json:"shards,omitempty"`
}

// ClientShard is what a workload's clients met on one shard.
type ClientShard struct {
	Shard int   `json:"shard"`
	Acked int64 `json:"acked"`
	// Stall is the longest that a single call of the client library took,
	// whatever its outcome, with all its retries; nil if there was no call.
	Stall *Stall `json:"stall,omitempty"`
	// Errors has those of one kind and outcome that lie a second apart or more, apart, as
	// far as 64 of them go; the last one goes on. Older records have one of each for the
	// whole run.
	Errors []ErrorCount `json:"errors,omitempty"`
}

// Stall is one call of a client library.
type Stall struct {
	Client  int    `json:"client"` // numbered from 0
	From    Millis `json:"from_ms"`
	Until   Millis `json:"until_ms"`
	Outcome string `json:"outcome"` // acked, failed or indeterminate
}

// Type implements Data.
func (*Acks) Type() string         { return "acks" }
func (*WorkloadDone) Type() string { return "workload_done" }

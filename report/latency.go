package report

import "github.com/redis-chaos/redis-chaos/report/record"

// LatencyPhase is the latency of a workload's acked writes before, during or
// after a fault, or between two. It is made of whole intervals of the record, each
// of a second: an interval counts to the phase in which its larger part lies,
// and to several only where faults overlap.
type LatencyPhase struct {
	Phase string `json:"phase"` // before, during, between or after
	// Fault is the index of the fault that a phase is during; nil of the others.
	Fault *int `json:"fault"`
	// From and To bound the phase on the run's clock: during a fault, from the
	// moment at which it took hold until it was healed. Of a fault that is over
	// once it is done it is the second in which it took hold.
	From record.Millis `json:"from_ms"`
	To   record.Millis `json:"to_ms"`
	// Count is how many writes were acked, and Due how many an open loop had to
	// send, whatever became of them.
	Count int64 `json:"count"`
	Due   int64 `json:"due,omitempty"`
	// Percentiles in milliseconds; nil if no write was acked.
	P50   *record.Millis `json:"p50"`
	P95   *record.Millis `json:"p95"`
	P99   *record.Millis `json:"p99"`
	P999  *record.Millis `json:"p999"`
	P9999 *record.Millis `json:"p9999"`
	Max   *record.Millis `json:"max"`
}

// Reads is what a workload's reads came to, and when which nodes answered stale.
type Reads struct {
	record.Reads
	// Groups is those stale reads that the record holds, in the order of their first.
	Groups []StaleReads `json:"stale_reads"`
}

// StaleReads are those that one node answered before, during or after a fault.
type StaleReads struct {
	Phase string `json:"phase"` // before, during, between or after; without faults, during the run
	// Fault is the index of the fault that a phase is during; nil of the others.
	Fault *int   `json:"fault"`
	Node  string `json:"node"`
	// Role is what the client took the node for, master or replica.
	Role  string `json:"role,omitempty"`
	Count int64  `json:"count"`
	// First and Last are on the run's clock.
	First  record.Millis `json:"first_ms"`
	Last   record.Millis `json:"last_ms"`
	Oldest record.Millis `json:"oldest_ms"`
}

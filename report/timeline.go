package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Timeline is what the nodes answered their probes, and which acks workloads had, over a run.
type Timeline struct {
	End record.Millis `json:"end_ms"`
	// Lanes are those of the shards in order: of each the nodes first, and the workloads after
	// them. Nodes that are in no shard come last.
	Lanes []Lane `json:"lanes"`
}

// Lane is what one node answered its probes, or the acks of one workload on one shard.
type Lane struct {
	Shard    *int   `json:"shard"`
	Node     string `json:"node,omitempty"`
	Workload string `json:"workload,omitempty"`
	// End is when the workload ended.
	End   record.Millis `json:"end_ms,omitempty"`
	Spans []Span        `json:"spans"`
}

// Span is a time of like answers, or of several where each was short.
type Span struct {
	From record.Millis `json:"from_ms"` // on the run's clock
	To   record.Millis `json:"to_ms"`
	// Answers counts them: "ack", "moved to redis-master-2", "acked by redis-master-1".
	Answers map[string]int64 `json:"answers"`
}

// RedirectedTo is between an answer and the node that it names.
const RedirectedTo = " to "

package report

import "github.com/redis-chaos/redis-chaos/report/record"

// FailedRatio is the share of operations that were not acked.
const FailedRatio = "failed_ratio"

// Workload is what one workload saw.
type Workload struct {
	Name          string          `json:"name"`
	Type          string          `json:"type"`
	Writes        Writes          `json:"writes"`
	TargetRate    float64         `json:"target_rate,omitempty"` // writes/s asked for, on average
	Rates         string          `json:"rates,omitempty"`       // how that changes, if it does
	ThroughputOps *float64        `json:"throughput_ops"`        // acked writes/s
	Latency       *record.Latency `json:"latency_ms"`
	// Lateness is how long after they were due the writes of an open loop were sent.
	Lateness *record.Latency `json:"lateness_ms,omitempty"`
	// Wait is what WAIT told of the writes, if the workload asked.
	Wait *record.Waits `json:"wait,omitempty"`
	// WaitAOF is what WAITAOF told of the writes, if the workload asked.
	WaitAOF *record.WaitsAOF `json:"waitaof,omitempty"`
	// Client is the options of its client, as the library had them.
	Client *record.ClientSettings `json:"client,omitempty"`
	// Parts is what was found of each type of a mixed workload.
	Parts []Part `json:"parts,omitempty"`
	// Reads is what its reads came to; nil if it only writes.
	Reads *Reads `json:"reads,omitempty"`
	// Heard is what the subscribers of a workload of type pubsub received, and
	// Consumed what the consumer groups of one of type stream did.
	Heard    *record.Heard    `json:"heard,omitempty"`
	Consumed *record.Consumed `json:"consumed,omitempty"`
	// Locks and Linearizability are the verdicts on workloads of these types.
	Locks           *record.Locks           `json:"locks,omitempty"`
	Linearizability *record.Linearizability `json:"linearizability,omitempty"`
	// LatencyPhases is Latency before, during and after each fault; empty without
	// faults.
	LatencyPhases  []LatencyPhase      `json:"latency_phases"`
	Errors         map[string]int64    `json:"errors"`
	ErrorDetails   []record.ErrorCount `json:"error_details,omitempty"`
	ClientRecovery *record.Millis      `json:"client_recovery_ms"`
	// Reasons says why figures are nil although there were acked writes, by their JSON names, and
	// Unmeasured that in words.
	Reasons    map[string]Reason `json:"reasons,omitempty"`
	Unmeasured map[string]string `json:"unmeasured,omitempty"`
	// Reload is the cluster_state_reload_interval asked for; nil is the library's default.
	Reload *record.Millis `json:"cluster_state_reload_interval_ms,omitempty"`
	// NoLoss: no losses are counted.
	NoLoss bool `json:"no_loss,omitempty"`
}

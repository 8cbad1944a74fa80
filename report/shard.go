package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Shard is how long a shard took no writes: by its probes, and as its clients saw it.
type Shard struct {
	Shard int    `json:"shard"`
	Slots string `json:"slots"`
	// Unavailable is the sum of its outages, of however short ones, and Longest the
	// longest of them.
	Unavailable *record.Millis `json:"unavailable_ms"`
	Longest     *record.Millis `json:"longest_ms"`
	// Silent is the part of that in which no node of the shard answered at all.
	Silent *record.Millis `json:"silent_ms"`
	// ClientGap is the longest time for which no workload had a write on the
	// shard acked, while workloads ran. Nil if none ever had.
	ClientGap *record.Millis `json:"client_gap_ms"`
	// NoMaster is for how long it had no master by the nodes' views: from its being marked as
	// failed until it was replaced, or well again. Nil if no node was asked.
	NoMaster *record.Millis `json:"no_master_ms"`
	// Bounds is between what these are, but for silent_ms, where holes in the record leave them
	// nil.
	Bounds map[string][2]record.Millis `json:"bounds,omitempty"`
	// Collateral: no fault touched this shard.
	Collateral bool `json:"collateral"`
	// AckedAfterFault tells whether a workload had a write on the shard acked after the
	// first fault took hold; nil if no fault did, or no workload ran.
	AckedAfterFault *bool `json:"acked_after_fault,omitempty"`
	// Findings say why applications had nothing acked on it while it took writes.
	Findings []Finding `json:"findings,omitempty"`
}

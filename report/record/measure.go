package record

// Measure is one thing that a fault did to a target, counted where it was done. What is nil was not counted.
type Measure struct {
	Did Did `json:"did"`
	// Way is the direction of packets, as the target sees it: "in" or "out".
	Way string `json:"way,omitempty"`
	// Count is to how many packets, connections or calls it did that, and Of is how many there were. Nothing is counted
	// of a CPU and of a clock.
	Count *int64 `json:"count"`
	Of    *int64 `json:"of,omitempty"`
	// Bytes were let through by a limit, within For. Full is how many packets it lost, as what waits for it was
	// too much.
	Bytes *int64 `json:"bytes,omitempty"`
	Full  int64  `json:"full,omitempty"`
	// Missed is how many packets were lost meanwhile, as who was to decide over them did not take them in time.
	Missed int64   `json:"missed,omitempty"`
	For    *Millis `json:"for_ms,omitempty"`
	// Spent is for how long a server ran, or waited for a CPU, of For.
	Spent *Millis `json:"spent_ms,omitempty"`
	// Mean, Least and Most are of how long each was delayed; of a clock, by how much it was off, and between what that is
	// sure to be.
	Mean  *Millis `json:"mean_ms,omitempty"`
	Least *Millis `json:"least_ms,omitempty"`
	Most  *Millis `json:"most_ms,omitempty"`
	Asked Asked   `json:"asked"`
	// Why is why something was not counted.
	Why string `json:"why,omitempty"`
}

// Did is what a fault does to what is counted.
type Did string

// What faults do to packets, and to connections.
const (
	DidDelay     Did = "delayed"
	DidDrop      Did = "dropped"
	DidReject    Did = "rejected"
	DidDuplicate Did = "duplicated"
	DidCorrupt   Did = "corrupted"
	DidReorder   Did = "reordered" // held back, to be overtaken
	DidLimit     Did = "let_through"
	DidReset     Did = "reset" // connections
)

// What faults do to calls of the file system, to a CPU and to a clock.
const (
	DidSlow  Did = "slowed" // fsyncs
	DidFail  Did = "failed" // calls
	DidRun   Did = "ran"    // a server, on a share of a CPU
	DidWait  Did = "waited" // a server that had work, for a CPU
	DidShift Did = "shifted"
)

// Asked is what a fault was to do.
type Asked struct {
	// Share is of how many, or of a CPU at most, from 0 to 1. Burst is how many follow each other on average, where that is not left
	// to chance.
	Share *float64 `json:"share,omitempty"`
	Burst *float64 `json:"burst,omitempty"`
	// Delay is for how long each, on average, and Jitter how much more or less: its standard deviation at most.
	Delay  *Millis `json:"delay_ms,omitempty"`
	Jitter *Millis `json:"jitter_ms,omitempty"`
	// Rate is how many bytes a second at most.
	Rate *int64 `json:"bytes_per_second,omitempty"`
}

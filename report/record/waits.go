package record

// WaitsAOF is what WAITAOF told after each write that the server had said OK to.
type WaitsAOF struct {
	// Local is 1 if the master's own disk was asked for, and Replicas how many
	// replicas' disks.
	Local    int      `json:"local"`
	Replicas int      `json:"replicas"`
	Timeout  Millis   `json:"timeout_ms"`
	Replies  []OnDisk `json:"replies"`
}

// OnDisk counts writes by who had them in its append-only file, on disk, in time.
type OnDisk struct {
	Local    int   `json:"local"` // 1: the master
	Replicas int   `json:"replicas"`
	Writes   int64 `json:"writes"`
}

// Waits is what WAIT told after each write that the server had said OK to.
type Waits struct {
	Replicas int    `json:"replicas"` // asked for
	Timeout  Millis `json:"timeout_ms"`
	// Replies counts writes by the number of replicas that had them in time.
	Replies map[int]int64 `json:"replies"`
}

package record

// Locks is what became of the locks of a workload, as its clients saw it. A client
// holds a lock from the moment at which it has the answer until it sends the
// release, or until the ttl has passed since it sent the request.
type Locks struct {
	Name  string `json:"name"`
	Locks int    `json:"locks"` // how many there are
	TTL   Millis `json:"ttl_ms"`
	Hold  Millis `json:"hold_ms"` // for how long a client keeps one
	// Acquired counts locks that were granted, and Expired those of which the answer
	// came when their ttl was over, so that they were not held.
	Acquired int64 `json:"acquired"`
	Expired  int64 `json:"expired,omitempty"`
	// Denied counts the answers that somebody else holds the lock. After an attempt
	// that nobody answered (DeniedInDoubt of them), that may be the client itself.
	Denied        int64 `json:"denied"`
	DeniedInDoubt int64 `json:"denied_in_doubt,omitempty"`
	// Released counts releases that found the client's own lock. Every lock that was
	// granted is released once: Acquired + Expired = Released + ReleaseFailed +
	// ReleaseUnknown + ReleaseLate + Gone + Taken.
	Released int64 `json:"released"`
	// ReleaseFailed counts releases that were refused, and ReleaseUnknown those that
	// nobody answered.
	ReleaseFailed  int64 `json:"release_failed,omitempty"`
	ReleaseUnknown int64 `json:"release_unknown,omitempty"`
	// ReleaseLate counts releases that found no lock of the client's when the ttl was
	// over, or after an attempt that may have released it.
	ReleaseLate int64 `json:"release_late,omitempty"`
	// Gone and Taken count releases that found no lock, or that of another client,
	// before the ttl was over: the server had lost it.
	Gone        int64         `json:"gone"`
	Taken       int64         `json:"taken"`
	LostByShard map[int]int64 `json:"lost_by_shard,omitempty"`
	// LostWindow is when the first and the last of these were found.
	LostWindow *[2]Millis `json:"lost_window_ms"`
	// DoubleHolds counts the times that two clients held one lock at once.
	DoubleHolds int64 `json:"double_holds"`
	// DoubleHeld is for how long, in all locks together, and Longest for how long
	// at a time.
	DoubleHeld Millis `json:"double_held_ms"`
	Longest    Millis `json:"longest_ms"`
	// Window is when the first and the last of them began.
	Window  *[2]Millis    `json:"window_ms"`
	ByShard map[int]int64 `json:"by_shard,omitempty"`
	// GrantedBy counts them by the nodes that granted the lock.
	GrantedBy []DoubleGrant `json:"granted_by,omitempty"`
}

// DoubleGrant is two nodes that granted one lock to two clients who then both held
// it. The two may be one.
type DoubleGrant struct {
	First   string `json:"first"`
	Second  string `json:"second"`
	Count   int64  `json:"count"`
	Longest Millis `json:"longest_ms"`
}

// Type implements Data.
func (*Locks) Type() string { return "locks" }

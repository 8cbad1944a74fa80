package history

import "github.com/redis-chaos/redis-chaos/report/record"

// Nothing is what a key holds that is not there.
const Nothing = -1

// AckedYet is what was acked of a key: the number to be read at least, nothing if
// there is none, and when its last write was acked.
type AckedYet struct {
	Number int64
	Last   record.Millis
}

// View is what a read has seen: a number, or nothing.
type View struct {
	Sight
	Number int64
	// Since is when the first write was acked that a stale read has not seen, as
	// far as that is known: it may have been earlier.
	Since record.Millis
}

// Sight is how what a read has seen compares with what was acked.
type Sight int

const (
	Fresh Sight = iota
	// Stale: older than what was acked before the read was sent.
	Stale
	// Unsure: older, but one attempt at that was never answered, and may have been
	// applied after what was acked.
	Unsure
	// Strange: what this workload never wrote.
	Strange
)

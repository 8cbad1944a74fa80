package workload

// nothing is what a key holds that is not there.
const nothing = -1

// ackedYet is what was acked of a key: the number to be read at least, nothing if
// there is none, and when its last write was acked.
type ackedYet struct {
	number int64
	lastMS float64
}

// view is what a read has seen: a number, or nothing.
type view struct {
	sight
	number int64
	// sinceMS is when the first write was acked that a stale read has not seen, as
	// far as that is known: it may have been earlier.
	sinceMS float64
}

// sight is how what a read has seen compares with what was acked.
type sight int

const (
	fresh sight = iota
	// stale: older than what was acked before the read was sent.
	stale
	// unsure: older, but one attempt at that was never answered, and may have been
	// applied after what was acked.
	unsure
	// strange: what this workload never wrote.
	strange
)

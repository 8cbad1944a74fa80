package workload

// outcome is what is known of a write.
type outcome uint8

const (
	// acked: the server said OK.
	acked outcome = iota
	// ackedInDoubt is acked, after an earlier attempt that nobody answered.
	// That attempt may be applied late, and over later writes.
	ackedInDoubt
	// failed: no attempt can have been applied. A server refused, or nothing
	// of the command was sent.
	failed
	// indeterminate: an attempt was sent and not answered, and none was acked.
	indeterminate
)

func (o outcome) String() string {
	return [...]string{"acked", "acked in doubt", "failed", "indeterminate"}[o]
}

// isAcked tells whether the server said OK.
func (o outcome) isAcked() bool { return o == acked || o == ackedInDoubt }

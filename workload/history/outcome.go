package history

// Outcome is what is known of a write.
type Outcome uint8

const (
	// Acked: the server said OK.
	Acked Outcome = iota
	// AckedInDoubt is acked, after an earlier attempt that nobody answered.
	// That attempt may be applied late, and over later writes.
	AckedInDoubt
	// Failed: no attempt can have been applied. A server refused, or nothing
	// of the command was sent.
	Failed
	// Indeterminate: an attempt was sent and not answered, and none was acked.
	Indeterminate
)

func (o Outcome) String() string {
	return [...]string{"acked", "acked in doubt", "failed", "indeterminate"}[o]
}

// IsAcked tells whether the server said OK.
func (o Outcome) IsAcked() bool { return o == Acked || o == AckedInDoubt }

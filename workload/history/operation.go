package history

import "github.com/redis-chaos/redis-chaos/report/record"

// Kind is what an operation on a key does.
type Kind uint8

const (
	Read  Kind = iota
	Write      // sets a value that no other operation sets
	CAS        // the same, if the key holds the value that is wanted
)

// ValueID stands for the value that write n of a client sets; 0 is for none, as in
// a key that is missing.
type ValueID uint64

// ForeignValue is any value that no operation sets.
const ForeignValue = ^ValueID(0)

func NewValueID(client int, n uint32) ValueID { return ValueID(uint64(client)<<32|uint64(n)) + 1 }

// Write is the client and the number of the write.
func (v ValueID) Write() (client int, n uint32) { return int((v - 1) >> 32), uint32(v - 1) }

// Operation is an operation that was answered, or may have had an effect all the same.
type Operation struct {
	// CallNS and overNS are in nanoseconds on the run's clock: when it was called,
	// and when its answer was there.
	CallNS, OverNS int64
	Sets           ValueID // 0: nothing
	Wants          ValueID // of a cas
	Found          ValueID // of a read or a cas that was answered
	Node           string  // that answered
	Client         int32
	Kind           Kind
	Answered       bool
	// Doubts counts attempts that nobody answered.
	Doubts uint8
}

// Leaves is what the key holds after an operation that was answered.
func (o Operation) Leaves() ValueID {
	if o.Kind == Write || o.Kind == CAS && o.Found == o.Wants {
		return o.Sets
	}
	return o.Found
}

// Nanoseconds is a time on the run's clock in nanoseconds, and Milliseconds its reverse.
func Nanoseconds(ms record.Millis) int64  { return int64(ms * 1e6) }
func Milliseconds(ns int64) record.Millis { return record.Millis(float64(ns) / 1e6) }

package drive

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Sender is what a type of workload sends, value by value.
type Sender interface {
	// KeyOf is the index of the key that write n of a client goes to.
	KeyOf(client int, n uint32) int
	// Command appends the command that writes v to key, a string: its name, key, and v,
	// which is the last argument.
	Command(args []any, key any, v *Write) []any
	// AppendValue appends what write n of a client writes.
	AppendValue(b []byte, client int, n uint32) []byte
}

// ReadJudge is a driver whose keys can be read while they are written to.
type ReadJudge interface {
	// Freshness remembers what was acked of a number of keys; nil if a read of them cannot
	// be judged.
	Freshness(keys int) Freshness
}

// Freshness knows what a read of a key must see. Each client calls it for itself.
type Freshness interface {
	// Pick is the index of a key that a client may read.
	Pick(client int, random uint64) int
	// Wrote is told of an outcome, at ms on the run's clock, once the history has it.
	Wrote(key int, n uint32, o history.Outcome, ms record.Millis)
	// Acked is what a read that is sent now must see at least.
	Acked(key int) history.AckedYet
	// Judge compares what a read that was answered at ms has seen with what it had
	// to: value is nil if there was nothing. The history is that of the client that
	// reads.
	Judge(h *history.History, key int, must history.AckedYet, value *string, ms record.Millis) history.View
}

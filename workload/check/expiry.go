package check

import (
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// expirySlack is by how much the servers' clocks may run ahead of the run's
// between a write and its end, in ms.
const expirySlack = 10

// Expiry is for how long values last.
type Expiry struct {
	TTL      record.Millis // 0: for ever
	pipeline uint32        // how many writes a client sends at a time
}

// NewExpiry is for values that last for a time, 0 for ever, of clients that send so many at a
// time.
func NewExpiry(ttl time.Duration, pipeline int) Expiry {
	return Expiry{record.Millis(ttl.Seconds() * 1000), uint32(max(pipeline, 1))}
}

// Expiring is a checker of values that expire.
type Expiring interface {
	// ReadBy tells when all keys had been read, in ms on the run's clock.
	ReadBy(ms record.Millis)
}

// passed tells whether the value of write n of a client may have expired by at on
// the run's clock. It was set when the write was sent, or later, and that was after
// the client's pipeline before that one had ended.
func (e Expiry) passed(h *history.History, n uint32, at record.Millis) bool {
	if e.TTL == 0 {
		return false
	}
	sent := record.Millis(0)
	if first := n - n%e.pipeline; first > 0 {
		_, ms := h.At(first - 1)
		sent = record.Millis(ms)
	}
	return sent+e.TTL <= at+expirySlack
}

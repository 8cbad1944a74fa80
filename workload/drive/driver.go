package drive

import (
	"context"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Driver is what the clients of a load do. Those that also implement [Sender] can have
// their writes travel in lanes.
type Driver interface {
	// Drive is the life of one client: it ends with the session or with ctx,
	// and what it sends ends with sending.
	Drive(ctx, sending context.Context, load *Load, s *Session, c *Client)
}

// Receiving is a driver that does something of its own beside its clients: others
// read what they write while they write it.
type Receiving interface {
	// StartReceivers begins with it, before anything is written. The function that it
	// returns ends it, after the last write has, within seconds.
	StartReceivers(ctx context.Context, load *Load) (leave func(), err error)
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

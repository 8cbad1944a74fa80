package drive

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Client is one of a workload's concurrent clients. All of it but what its ledger
// counts belongs to one goroutine at a time.
type Client struct {
	ID     int
	Writes history.History
	ledger
	turn turn
	// waited counts writes by what WAIT or WAITAOF told; nil without.
	waited map[copies]int64
	// reads is how many there were.
	reads uint32
}

// Session is what the clients of a running workload share.
type Session struct {
	client ClusterClient
	pace   pacer
	lanes  []*lane // by shard; nil if each client has pipelines of its own
	// start and End are on the run's clock.
	start, End record.Millis
	options    *record.ClientSettings
	// reads is nil if the workload does not read.
	reads *readBook
}

// note enters the outcome of the client's next write, now that it is known.
func (c *Client) note(o history.Outcome, ms record.Millis) {
	c.Writes.Add(o, ms)
	c.count(o)
}

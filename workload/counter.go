package workload

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// counter adds one to numbers, any number of clients to each. No write leaves
// anything of its own, so that only sums can be compared: if every write were
// applied at most once, the number in a key would be at least its acked writes,
// and at most those and the indeterminate ones.
//
// What it counts as lost and as duplicated is by how much a number is out of
// these bounds. Both are lower bounds themselves: an indeterminate write that
// was applied, or a duplicate, makes up for a lost one. A write of somebody
// else's cannot be told from a duplicate. Nor can it be told which of a key's
// writes are lost, and so not when they were acked.
type counter struct {
	spread
}

var _ writer = counter{}

func newCounter(spec scenarios.Workload, seed int64) counter {
	return counter{spread: newSpread(spec, seed)}
}

// command sends INCRBY, and not INCR, because it needs the write for an
// argument to see its attempts.
func (c counter) command(ctx context.Context, key string, v *write) redis.Cmder {
	return redis.NewIntCmd(ctx, "incrby", key, v)
}

// appendValue is one, whatever the write.
func (counter) appendValue(b []byte, _ int, _ uint32) []byte { return append(b, '1') }

func (c counter) source() source { return get{size: 20} }

func (c counter) checker(clients []history, shardOf []int) checker {
	return &counterChecker{
		counter: c, clients: clients, shardOf: shardOf,
		held: map[int]int64{}, foreign: map[int]bool{},
	}
}

// counterChecker compares numbers with how many writes were made.
type counterChecker struct {
	counter
	unread
	unordered
	clients []history
	shardOf []int
	held    map[int]int64 // by key, the number that it holds
	foreign map[int]bool  // keys that hold what no counting leads to
}

func (c *counterChecker) see(key int, value string) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		c.foreign[key] = true
		return
	}
	c.held[key] = n
}

// sent is how many writes to a key were acked, and were indeterminate.
type sent struct{ acked, indeterminate int64 }

func (c *counterChecker) verdict() *record.Verified {
	writes := make([]sent, len(c.shardOf))
	for client := range c.clients {
		for n, e := range c.clients[client].all() {
			w := &writes[c.keyOf(client, n)]
			switch {
			case e.outcome.isAcked():
				w.acked++
			case e.outcome == indeterminate:
				w.indeterminate++
			}
		}
	}
	t := tally{Verified: record.Verified{Duplicated: new(int64)}}
	for key, w := range writes {
		c.judge(&t, key, w)
	}
	t.explainUnread(c.unread, len(c.shardOf))
	if t.Foreign > 0 {
		t.explain("%d keys hold no number that counting leads to", t.Foreign)
	}
	return t.verdict()
}

// judge explains the number in a key with the fewest losses, and then with the
// fewest duplicates.
func (c *counterChecker) judge(t *tally, key int, w sent) {
	if c.bad[key] {
		t.Unverified += w.acked
		return
	}
	if c.foreign[key] {
		t.Foreign++
		t.Unverified += w.acked
		return
	}
	t.Checked += w.acked
	held := c.held[key]
	if lost := w.acked - held; lost > 0 {
		t.loseUndated(c.shardOf[key], lost)
		return
	}
	unacked := min(held-w.acked, w.indeterminate)
	t.UnackedApplied += unacked
	*t.Duplicated += held - w.acked - unacked
}

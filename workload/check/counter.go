package check

import (
	"strconv"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Counter compares numbers with how many writes were made.
type Counter struct {
	keyspace.Spread
	unread
	unordered
	clients []history.History
	shardOf []int
	held    map[int]int64 // by key, the number that it holds
	foreign map[int]bool  // keys that hold what no counting leads to
}

func NewCounter(keys keyspace.Spread, clients []history.History, shardOf []int) *Counter {
	return &Counter{
		Spread: keys, clients: clients, shardOf: shardOf,
		held: map[int]int64{}, foreign: map[int]bool{},
	}
}

func (c *Counter) See(key int, value string) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		c.foreign[key] = true
		return
	}
	c.held[key] = n
}

// sent is how many writes to a key were acked, and were indeterminate.
type sent struct{ acked, indeterminate int64 }

func (c *Counter) Verdict() *record.Verified {
	writes := make([]sent, len(c.shardOf))
	for client := range c.clients {
		for n, e := range c.clients[client].All() {
			w := &writes[c.KeyOf(client, n)]
			switch {
			case e.Outcome.IsAcked():
				w.acked++
			case e.Outcome == history.Indeterminate:
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
func (c *Counter) judge(t *tally, key int, w sent) {
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

package check

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Register finds acked writes that are newer than what a key holds.
type Register struct {
	keyspace.Owned
	keyspace.Sizes
	Expiry
	unread
	clients []history.History
	shardOf []int
	held    map[int]uint32 // by key, the number that it holds
	foreign map[int]bool   // keys that hold what this workload never wrote
	// read is when the last key had been read, and expired how many acked writes
	// were gone then and may have expired.
	read    record.Millis
	expired int64
}

func NewRegister(keys keyspace.Owned, size keyspace.Sizes, lasts Expiry, clients []history.History, shardOf []int) *Register {
	return &Register{
		Owned: keys, Sizes: size, Expiry: lasts, clients: clients, shardOf: shardOf,
		held: map[int]uint32{}, foreign: map[int]bool{},
	}
}

// ReadBy implements expiring.
func (c *Register) ReadBy(ms record.Millis) { c.read = ms }

func (c *Register) Begin(key int) {
	delete(c.held, key)
	delete(c.foreign, key)
}

func (c *Register) End(int) {}

func (c *Register) Unreadable(key int, err error) {
	c.Begin(key)
	c.unread.Unreadable(key, err)
}

func (c *Register) See(key int, value string) {
	client, n, ok := keyspace.ParseValue(value, c.Sizes)
	if ok && client == key%c.Owned.Clients && n < c.clients[client].Len() && c.KeyOf(client, n) == key {
		c.held[key] = n
		return
	}
	c.foreign[key] = true
}

func (c *Register) Verdict() *record.Verified {
	t := tally{Verified: record.Verified{Foreign: int64(len(c.foreign))}}
	var undecided int64
	for key := range c.Owned.Keys {
		undecided += c.judge(&t, key)
	}
	t.explainUnread(c.unread, c.Owned.Keys)
	if t.Foreign > 0 {
		t.explain("%d keys hold a value that this workload never wrote", t.Foreign)
	}
	if c.expired > 0 {
		t.explain("%d acked writes are on keys that are gone, and their time to live may have passed", c.expired)
	}
	if undecided > 0 {
		t.explain("%d acked writes are newer than what their keys hold, but one attempt at that was never answered, and may have been applied after them", undecided)
	}
	return t.verdict()
}

// judge counts what became of the writes to a key. It returns how many acked
// writes may have been lost, or else overwritten by a straggler: if the key
// holds a write one of whose attempts was never answered, that attempt may
// have been applied long after it was sent.
func (c *Register) judge(t *tally, key int) (undecided int64) {
	client := key % c.Owned.Clients
	h := &c.clients[client]
	held, found := c.held[key]
	straggler := false
	if found {
		o, _ := h.At(held)
		t.present(o)
		straggler = o == history.AckedInDoubt || o == history.Indeterminate
	}
	unreadable := c.bad[key] || c.foreign[key]
	for n := uint32(key / c.Owned.Clients); n < h.Len(); n += c.KeysOf(client) {
		o, ms := h.At(n)
		missing := !found || n > held
		switch {
		case !o.IsAcked():
		case unreadable:
			t.Unverified++
		case missing && straggler:
			t.Unverified++
			undecided++
		case !found && c.passed(h, n, c.read):
			t.Unverified++
			c.expired++
		default:
			t.Checked++
			if missing {
				t.lose(h, client, n, c.shardOf[key], ms)
			}
		}
	}
	return undecided
}

package workload

import "github.com/redis-chaos/redis-chaos/report/record"

// registerChecker finds acked writes that are newer than what a key holds.
type registerChecker struct {
	owned
	sizes
	expiry
	unread
	clients []history
	shardOf []int
	held    map[int]uint32 // by key, the number that it holds
	foreign map[int]bool   // keys that hold what this workload never wrote
	// readMS is when the last key had been read, and expired how many acked writes
	// were gone then and may have expired.
	readMS  float64
	expired int64
}

func newRegisterChecker(keys owned, size sizes, lasts expiry, clients []history, shardOf []int) *registerChecker {
	return &registerChecker{
		owned: keys, sizes: size, expiry: lasts, clients: clients, shardOf: shardOf,
		held: map[int]uint32{}, foreign: map[int]bool{},
	}
}

// readBy implements expiring.
func (c *registerChecker) readBy(ms float64) { c.readMS = ms }

func (c *registerChecker) begin(key int) {
	delete(c.held, key)
	delete(c.foreign, key)
}

func (c *registerChecker) end(int) {}

func (c *registerChecker) unreadable(key int, err error) {
	c.begin(key)
	c.unread.unreadable(key, err)
}

func (c *registerChecker) see(key int, value string) {
	client, n, ok := parseValue(value, c.sizes)
	if ok && client == key%c.owned.clients && n < c.clients[client].len() && c.keyOf(client, n) == key {
		c.held[key] = n
		return
	}
	c.foreign[key] = true
}

func (c *registerChecker) verdict() *record.Verified {
	t := tally{Verified: record.Verified{Foreign: int64(len(c.foreign))}}
	var undecided int64
	for key := range c.owned.keys {
		undecided += c.judge(&t, key)
	}
	t.explainUnread(c.unread, c.owned.keys)
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
func (c *registerChecker) judge(t *tally, key int) (undecided int64) {
	client := key % c.owned.clients
	h := &c.clients[client]
	held, found := c.held[key]
	straggler := false
	if found {
		o, _ := h.at(held)
		t.present(o)
		straggler = o == ackedInDoubt || o == indeterminate
	}
	unreadable := c.bad[key] || c.foreign[key]
	for n := uint32(key / c.owned.clients); n < h.len(); n += c.keysOf(client) {
		o, ms := h.at(n)
		missing := !found || n > held
		switch {
		case !o.isAcked():
		case unreadable:
			t.Unverified++
		case missing && straggler:
			t.Unverified++
			undecided++
		case !found && c.passed(h, n, c.readMS):
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

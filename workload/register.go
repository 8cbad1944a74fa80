package workload

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// register overwrites keys. Each client owns keys that nobody else writes to,
// takes turns at them, and writes ever higher numbers: a key that holds less
// than the last acked number has lost writes. No pipeline has two writes to a key,
// because the client library may send a part of it again.
//
// What it counts as lost is a lower bound. A write that was lost and then
// overwritten by a later one, which survived, has left no trace.
type register struct {
	clients int
	keys    int
	sizes   // of values, in bytes
}

var _ writer = register{}

func newRegister(spec scenarios.Workload) (register, error) {
	if depth := max(spec.Pipeline, 1); spec.Keys < spec.Clients*depth {
		return register{}, fmt.Errorf("a register needs a key for each write of a client's pipeline, and %d keys are too few for %d clients and a pipeline of %d",
			spec.Keys, spec.Clients, depth)
	}
	return register{clients: spec.Clients, keys: spec.Keys, sizes: sizesOf(spec)}, nil
}

// keyOf has client c own the keys c, c+clients, c+2·clients…
func (r register) keyOf(client int, n uint32) int {
	return client + r.clients*int(n%r.owned(client))
}

// owned is how many keys a client owns.
func (r register) owned(client int) uint32 {
	return uint32((r.keys - client + r.clients - 1) / r.clients)
}

func (r register) command(ctx context.Context, key string, v *write) redis.Cmder {
	return redis.NewStatusCmd(ctx, "set", key, v)
}

func (r register) source() source { return get{size: r.most} }

func (r register) checker(clients []history, shardOf []int) checker {
	return &registerChecker{
		register: r, clients: clients, shardOf: shardOf,
		held: map[int]uint32{}, foreign: map[int]bool{},
	}
}

// registerChecker finds acked writes that are newer than what a key holds.
type registerChecker struct {
	register
	unread
	clients []history
	shardOf []int
	held    map[int]uint32 // by key, the number that it holds
	foreign map[int]bool   // keys that hold what this workload never wrote
}

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
	if ok && client == key%c.register.clients && n < c.clients[client].len() && c.keyOf(client, n) == key {
		c.held[key] = n
		return
	}
	c.foreign[key] = true
}

func (c *registerChecker) verdict() *record.Verified {
	t := tally{Verified: record.Verified{Foreign: int64(len(c.foreign))}}
	var undecided int64
	for key := range c.register.keys {
		undecided += c.judge(&t, key)
	}
	t.explainUnread(c.unread, c.register.keys)
	if t.Foreign > 0 {
		t.explain("%d keys hold a value that this workload never wrote", t.Foreign)
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
	client := key % c.register.clients
	h := &c.clients[client]
	held, found := c.held[key]
	straggler := false
	if found {
		o, _ := h.at(held)
		t.present(o)
		straggler = o == ackedInDoubt || o == indeterminate
	}
	unreadable := c.bad[key] || c.foreign[key]
	for n := uint32(key / c.register.clients); n < h.len(); n += c.owned(client) {
		o, ms := h.at(n)
		missing := !found || n > held
		switch {
		case !o.isAcked():
		case unreadable:
			t.Unverified++
		case missing && straggler:
			t.Unverified++
			undecided++
		default:
			t.Checked++
			if missing {
				t.lose(h, client, n, c.shardOf[key], ms)
			}
		}
	}
	return undecided
}

package workload

import (
	"context"
	"hash/maphash"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// set adds elements to sets. Every write adds an element of its own and none
// is ever removed, so each acked write can be looked for by itself: what a
// set counts as lost is exact.
type set struct {
	keys distribution
	seed uint64
	size sizes // of elements, in bytes
}

var _ kind = set{}

func newSet(spec scenarios.Workload, seed int64) set {
	return set{keys: newDistribution(spec), seed: uint64(seed), size: sizesOf(spec)}
}

// keyOf picks a key at random, but always the same for the same write: so
// nothing has to be remembered to tell where a write went.
func (s set) keyOf(client int, n uint32) int {
	return s.keys.pick(mix(s.seed + (uint64(client)<<32|uint64(n))*0x9e3779b97f4a7c15))
}

func (s set) command(ctx context.Context, key string, v *write) redis.Cmder {
	return redis.NewIntCmd(ctx, "sadd", key, v)
}

func (s set) source() source { return newScan(s.size.most) }

func (s set) checker(clients []history, shardOf []int) checker {
	c := &setChecker{
		set: s, clients: clients, shardOf: shardOf,
		present: make([]bitset, len(clients)),
		foreign: map[uint64]struct{}{}, hash: maphash.MakeSeed(),
	}
	for i := range clients {
		c.present[i] = newBitset(clients[i].len())
	}
	return c
}

// setChecker finds acked elements that are in no set.
type setChecker struct {
	set
	unread
	clients []history
	shardOf []int
	present []bitset // by client, of sequence numbers

	// foreign holds hashes, as a scan may return an element twice.
	foreign map[uint64]struct{}
	hash    maphash.Seed
}

func (c *setChecker) see(key int, value string) {
	client, n, ok := parseValue(value, c.size)
	if ok && client < len(c.clients) && n < c.clients[client].len() && c.keyOf(client, n) == key {
		c.present[client].set(n)
		return
	}
	type element struct {
		key   int
		value string
	}
	c.foreign[maphash.Comparable(c.hash, element{key, value})] = struct{}{}
}

func (c *setChecker) verdict() *record.Verified {
	t := tally{record.Verified{Foreign: int64(len(c.foreign))}}
	for client := range c.clients {
		h := &c.clients[client]
		for n := range h.len() {
			c.judge(&t, client, n)
		}
	}
	t.explainUnread(c.unread, len(c.shardOf))
	return &t.Verified
}

// judge counts what became of write n of a client.
func (c *setChecker) judge(t *tally, client int, n uint32) {
	o, ms := c.clients[client].at(n)
	present := c.present[client].has(n)
	if len(c.bad) > 0 && c.bad[c.keyOf(client, n)] {
		if o.isAcked() {
			t.Unverified++
		}
		return
	}
	if present {
		t.present(o)
	}
	if !o.isAcked() {
		return
	}
	t.Checked++
	if !present {
		t.lose(c.shardOf[c.keyOf(client, n)], ms)
	}
}

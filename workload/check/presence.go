package check

import (
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// presence is which writes were found, of a workload whose writes each leave
// something of their own. So each can be looked for by itself, and what it
// counts as lost is exact.
type presence struct {
	keyspace.Spread
	unread
	size    keyspace.Sizes // of a value, in bytes
	clients []history.History
	shardOf []int
	present []bitset // by client, of sequence numbers
}

func newPresence(s keyspace.Spread, size keyspace.Sizes, clients []history.History, shardOf []int) presence {
	p := presence{Spread: s, size: size, clients: clients, shardOf: shardOf, present: make([]bitset, len(clients))}
	for i := range clients {
		p.present[i] = newBitset(clients[i].Len())
	}
	return p
}

// identify tells which write a value in a key comes from; false if from none.
func (p *presence) identify(key int, value string) (history.WriteID, bool) {
	client, n, ok := keyspace.ParseValue(value, p.size)
	if !ok || client >= len(p.clients) || n >= p.clients[client].Len() || p.KeyOf(client, n) != key {
		return history.WriteID{}, false
	}
	return history.WriteID{Client: uint32(client), N: n}, true
}

// count enters what became of every write.
func (p *presence) count(t *tally) {
	for client := range p.clients {
		for n, e := range p.clients[client].All() {
			p.judge(t, client, n, e)
		}
	}
	t.explainUnread(p.unread, len(p.shardOf))
}

// judge counts what became of write n of a client.
func (p *presence) judge(t *tally, client int, n uint32, e history.Entry) {
	present := p.present[client].has(n)
	if len(p.bad) > 0 && p.bad[p.KeyOf(client, n)] {
		if e.Outcome.IsAcked() {
			t.Unverified++
		}
		return
	}
	if present {
		t.present(e.Outcome)
	}
	if !e.Outcome.IsAcked() {
		return
	}
	t.Checked++
	if !present {
		t.lose(&p.clients[client], client, n, p.shardOf[p.KeyOf(client, n)], e.At)
	}
}

package workload

// presence is which writes were found, of a workload whose writes each leave
// something of their own. So each can be looked for by itself, and what it
// counts as lost is exact.
type presence struct {
	spread
	unread
	size    sizes // of a value, in bytes
	clients []history
	shardOf []int
	present []bitset // by client, of sequence numbers
}

func newPresence(s spread, size sizes, clients []history, shardOf []int) presence {
	p := presence{spread: s, size: size, clients: clients, shardOf: shardOf, present: make([]bitset, len(clients))}
	for i := range clients {
		p.present[i] = newBitset(clients[i].len())
	}
	return p
}

// identify tells which write a value in a key comes from; false if from none.
func (p *presence) identify(key int, value string) (writeID, bool) {
	client, n, ok := parseValue(value, p.size)
	if !ok || client >= len(p.clients) || n >= p.clients[client].len() || p.keyOf(client, n) != key {
		return writeID{}, false
	}
	return writeID{client: uint32(client), n: n}, true
}

// count enters what became of every write.
func (p *presence) count(t *tally) {
	for client := range p.clients {
		for n, e := range p.clients[client].all() {
			p.judge(t, client, n, e)
		}
	}
	t.explainUnread(p.unread, len(p.shardOf))
}

// judge counts what became of write n of a client.
func (p *presence) judge(t *tally, client int, n uint32, e entry) {
	present := p.present[client].has(n)
	if len(p.bad) > 0 && p.bad[p.keyOf(client, n)] {
		if e.outcome.isAcked() {
			t.Unverified++
		}
		return
	}
	if present {
		t.present(e.outcome)
	}
	if !e.outcome.isAcked() {
		return
	}
	t.Checked++
	if !present {
		t.lose(&p.clients[client], client, n, p.shardOf[p.keyOf(client, n)], e.ms)
	}
}

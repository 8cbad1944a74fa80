// Package books is what clients enter of their commands as these end, and what is recorded of that:
// who acked, latencies, calls of the client library, and who waits for whom.
package books

import (
	"sync"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Acks turns the acks of a workload into rows: for each shard, who acked
// its writes, from when to when without a silence of record.AckGap.
type Acks struct {
	rec      *record.Record
	workload string
	shards   int

	mu    sync.Mutex
	nodes map[string]*NodeAcks
}

func NewAcks(rec *record.Record, workload string, shards int) *Acks {
	return &Acks{rec: rec, workload: workload, shards: shards, nodes: map[string]*NodeAcks{}}
}

// Node is where acks of the named node are entered.
func (b *Acks) Node(name string) *NodeAcks {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.nodes[name]
	if n == nil {
		n = &NodeAcks{book: b, Name: name, rows: make([]ackRow, b.shards)}
		b.nodes[name] = n
	}
	return n
}

// Save records what has been acked so far. A row that goes on does so in another
// part.
func (b *Acks) Save() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.nodes {
		for shard := range n.rows {
			r := &n.rows[shard]
			r.mu.Lock()
			part := r.cut()
			r.mu.Unlock()
			n.append(shard, part)
		}
	}
}

// NodeAcks is the acks of one node, by shard.
type NodeAcks struct {
	book *Acks
	Name string
	rows []ackRow
}

// ackRow is the row that is going on, with a lock of its own: only clients
// that write to the same shard meet on it.
type ackRow struct {
	mu sync.Mutex
	ackSpan
}

// ackSpan is count acks from first to last.
type ackSpan struct {
	first, last record.Millis
	count       int64
}

// enter adds acks at ms. If the silence before it was too long, a new span
// begins with it, and the one that is over is returned.
func (s *ackSpan) enter(ms record.Millis, acks int) (over ackSpan) {
	if s.last == 0 || ms-s.last >= record.AckGap {
		over, *s = *s, ackSpan{first: ms}
	}
	s.last = ms
	s.count += int64(acks)
	return over
}

// cut takes off the part of the span that there is so far. The next part begins
// where it ends, so that there is no gap between them.
func (s *ackSpan) cut() (part ackSpan) {
	part = *s
	s.first, s.count = s.last, 0
	return part
}

// Ack enters acks that have just arrived, and returns when that was in ms on
// the run's clock. The clock is read under the lock, so a row is in order.
func (n *NodeAcks) Ack(shard, acks int) record.Millis {
	r := &n.rows[shard]
	r.mu.Lock()
	now := n.book.rec.Now()
	over := r.enter(now, acks)
	r.mu.Unlock()
	n.append(shard, over)
	return now
}

// append records a row that is over.
func (n *NodeAcks) append(shard int, s ackSpan) {
	if s.count == 0 {
		return
	}
	n.book.rec.AddAt(s.first, &record.Acks{
		Workload: n.book.workload, Shard: shard, Node: n.Name,
		Until: s.last, Count: s.count,
	})
}

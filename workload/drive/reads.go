package drive

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/drive/pace"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// readBook is what the clients of a workload that also reads share: what must be
// seen, whose turn it is, and what was seen.
type readBook struct {
	load   *Load
	client Getter
	// fresh is nil if only the parts of the load are read.
	fresh Freshness
	*readTally
}

// readTally is what reads came to. The parts of a mixed workload share one.
type readTally struct {
	turns readTurns

	mu      sync.Mutex
	total   record.Reads
	nodes   map[string]*record.ReadNode
	latency *hdrhistogram.Histogram
	errors  failure.Tally
}

// newReadBook is nil if the load does not read.
func newReadBook(load *Load, client ClusterClient, fresh Freshness) *readBook {
	if load.Spec.ReadRatio() == 0 {
		return nil
	}
	return &readBook{load: load, client: client.(Getter), fresh: fresh, readTally: &readTally{
		turns: readTurns{ratio: load.Spec.ReadRatio()}, nodes: map[string]*record.ReadNode{}, latency: record.NewHistogram(),
	}}
}

// part is the book of a part of the load, which shares the tally; nil if a read of the part
// cannot be judged.
func (b *readBook) part(of *Load, fresh Freshness) *readBook {
	if b == nil || fresh == nil {
		return nil
	}
	return &readBook{load: of, client: b.client, fresh: fresh, readTally: b.readTally}
}

// readTurns has a share of all operations be reads, spread evenly.
type readTurns struct {
	ratio   float64
	claimed atomic.Int64
}

// next claims the next operation, and tells whether it is a read.
func (t *readTurns) next() bool {
	n := t.claimed.Add(1)
	return t.reads(n) > t.reads(n-1)
}

// reads is how many of the first n operations are reads.
func (t *readTurns) reads(n int64) int64 { return int64(math.Floor(float64(n) * t.ratio)) }

// readTurn tells whether the next operation is a read.
func (b *readBook) readTurn() bool { return b != nil && b.turns.next() }

// wrote notes what came of the write that a client's history has last.
func (b *readBook) wrote(c *Client) {
	if b != nil {
		f := &c.turn.flights[0]
		b.fresh.Wrote(f.key, c.Writes.Len()-1, f.outcome, f.end)
	}
}

// read reads a key, and judges at once what it saw. begin is when it was due,
// or else when it is sent. It returns when it ended.
func (b *readBook) read(ctx context.Context, c *Client, begin record.Millis) (moment record.Millis) {
	load := b.load
	n := c.reads
	c.reads++
	key := b.fresh.Pick(c.ID, keyspace.Mix(^(uint64(c.ID)<<32 | uint64(n))))
	must := b.fresh.Acked(key)
	sent := load.Rec.Now()
	load.occupation.Enter(c.ID, load.ShardOf[key], sent)
	value, exists, node, err := b.client.Get(ctx, load.Keys[key])
	now := load.Rec.Now()
	load.occupation.Leave(c.ID, sent, now)
	found := &value
	if !exists {
		found = nil
	}
	if err != nil {
		b.failed(err, now)
		if now-begin < idlePause {
			time.Sleep(idlePause.D()) // as after a write
			now = load.Rec.Now()
		}
		return now
	}
	s := b.fresh.Judge(&c.Writes, key, must, found, now)
	age := max(0, sent-s.Since)
	if b.answered(node, s.Sight, age, now-begin) {
		e := &record.StaleRead{
			Workload: load.Spec.Name, Shard: load.ShardOf[key], Key: load.Keys[key], Node: node, Role: b.roleOf(ctx, node, load.Keys[key]),
			Want: must.Number, Sent: sent, Age: age,
		}
		if s.Number != history.Nothing {
			e.Got = &s.Number
		}
		load.Rec.AddAt(now, e)
	}
	return now
}

// failed counts a read without an answer that is one.
func (b *readBook) failed(err error, ms record.Millis) {
	// Only writes are indeterminate; but where a connection broke is told alike.
	kind := history.Indeterminate
	if failure.IsDial(err) {
		kind = history.Failed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total.Attempted++
	b.total.Failed++
	b.errors.Add(kind, err, ms)
}

// answered counts a read. It tells whether it is to be recorded by itself.
func (b *readBook) answered(node string, s history.Sight, age, latency record.Millis) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total.Attempted++
	b.total.OK++
	by := b.nodes[node]
	if by == nil {
		by = &record.ReadNode{Node: node}
		b.nodes[node] = by
	}
	by.OK++
	// Within the bounds there is no error to return.
	_ = b.latency.RecordValue(int64(min(max(latency*1000, record.MinLatency), record.MaxLatency)))
	switch s {
	case history.Stale:
		by.Stale++
		b.total.Stale++
		if b.total.Oldest == nil || age > *b.total.Oldest {
			b.total.Oldest = &age
		}
	case history.Unsure:
		b.total.Unsure++
	case history.Strange:
		b.total.Strange++
	}
	return s == history.Stale && b.total.Stale <= record.StaleReadsInFull
}

// roleOf is what the client takes a node for, of the shard of a key.
func (b *readBook) roleOf(ctx context.Context, node, key string) string {
	master, err := b.client.MasterOf(ctx, key)
	switch {
	case err != nil:
		return ""
	case NodeName(b.load.Target, master) == node:
		return "master"
	default:
		return "replica"
	}
}

// writes paces the writes among the operations of a pacer.
func (b *readBook) writes(operations pace.Pacer) pace.Pacer {
	if b == nil {
		return operations
	}
	return writePacer{operations, &b.turns}
}

// writePacer is the writes among the operations of a pacer.
type writePacer struct {
	pace.Pacer
	turns *readTurns
}

func (p writePacer) Due(ms record.Millis) int64 {
	n := p.Pacer.Due(ms)
	return n - p.turns.reads(n)
}

// result sums up, with how many operations were due; nil without reads.
func (b *readBook) result(due int64) *record.Reads {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.total
	r.Ratio, r.From = b.load.Spec.ReadRatio(), b.load.Spec.ReadsFrom()
	r.Unsent = max(b.turns.reads(due)-r.Attempted, 0)
	r.Nodes = []record.ReadNode{}
	for _, node := range b.nodes {
		r.Nodes = append(r.Nodes, *node)
	}
	slices.SortFunc(r.Nodes, func(x, y record.ReadNode) int { return cmp.Compare(x.Node, y.Node) })
	r.Latency = record.Percentiles(b.latency)
	r.Errors = b.errors.List()
	for i := range r.Errors {
		r.Errors[i].Outcome = history.Failed.String()
	}
	return &r
}

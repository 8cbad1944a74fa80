package workload

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// freshness knows what a read of a key must see. Each client calls it for itself.
type freshness interface {
	// Pick is the index of a key that a client may read.
	Pick(client int, random uint64) int
	// Wrote is told of an outcome, at ms on the run's clock, once the history has it.
	Wrote(key int, n uint32, o history.Outcome, ms float64)
	// Acked is what a read that is sent now must see at least.
	Acked(key int) history.AckedYet
	// Judge compares what a read that was answered at ms has seen with what it had
	// to: value is nil if there was nothing. The history is that of the client that
	// reads.
	Judge(h *history.History, key int, must history.AckedYet, value *string, ms float64) history.View
}

// readBook is what the clients of a workload that also reads share: what must be
// seen, whose turn it is, and what was seen.
type readBook struct {
	workload *Workload
	redis    *redis.ClusterClient
	fresh    freshness
	*readTally
}

// readTally is what reads came to. The parts of a mixed workload share one.
type readTally struct {
	turns readTurns

	mu      sync.Mutex
	total   record.Reads
	nodes   map[string]*record.ReadNode
	latency *hdrhistogram.Histogram
	errors  errorTally
}

// newReadBook is nil if the workload does not read.
func newReadBook(w *Workload, rdb *redis.ClusterClient) *readBook {
	if w.spec.ReadRatio == 0 {
		return nil
	}
	return newPartReadBook(w, rdb, &readTally{
		turns: readTurns{ratio: w.spec.ReadRatio}, nodes: map[string]*record.ReadNode{}, latency: record.NewHistogram(),
	})
}

// newPartReadBook is nil if what the part writes cannot be judged by a read. A mixed
// workload has no keys of its own, and only its parts are read.
func newPartReadBook(part *Workload, rdb *redis.ClusterClient, tally *readTally) *readBook {
	b := &readBook{workload: part, redis: rdb, readTally: tally}
	switch kind := part.kind.(type) {
	case mixed:
		return b
	case values:
		if of, reads := kind.writer.(readable); reads {
			b.fresh = of.freshness(len(part.keys))
			return b
		}
	}
	return nil
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
func (b *readBook) wrote(c *client) {
	if b != nil {
		f := &c.turn.flights[0]
		b.fresh.Wrote(f.key, c.writes.Len()-1, f.outcome, f.endMS)
	}
}

// read reads a key, and judges at once what it saw. beginMS is when it was due,
// or else when it is sent. It returns when it ended.
func (b *readBook) read(ctx context.Context, c *client, beginMS float64) (nowMS float64) {
	w := b.workload
	n := c.reads
	c.reads++
	key := b.fresh.Pick(c.id, keyspace.Mix(^(uint64(c.id)<<32 | uint64(n))))
	must := b.fresh.Acked(key)
	sent := w.rec.Now()
	w.occupation.enter(c.id, w.shardOf[key], sent)
	var by answerer
	value, err := b.redis.Get(by.within(ctx), w.keys[key]).Result()
	now := w.rec.Now()
	w.occupation.leave(c.id, sent, now)
	found := &value
	if errors.Is(err, redis.Nil) {
		found, err = nil, nil
	}
	if err != nil {
		b.failed(err, now)
		if now-beginMS < idlePause {
			time.Sleep(idlePause * time.Millisecond) // as after a write
			now = w.rec.Now()
		}
		return now
	}
	s := b.fresh.Judge(&c.writes, key, must, found, now)
	age := max(0, sent-s.SinceMS)
	if b.answered(by.node, s.Sight, age, now-beginMS) {
		e := &record.StaleRead{
			Workload: w.spec.Name, Shard: w.shardOf[key], Key: w.keys[key], Node: by.node, Role: b.roleOf(ctx, by.node, w.keys[key]),
			Want: must.Number, SentMS: sent, AgeMS: age,
		}
		if s.Number != history.Nothing {
			e.Got = &s.Number
		}
		w.rec.AddAt(now, e)
	}
	return now
}

// failed counts a read without an answer that is one.
func (b *readBook) failed(err error, ms float64) {
	// Only writes are indeterminate; but where a connection broke is told alike.
	kind := history.Indeterminate
	if isDial(err) {
		kind = history.Failed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total.Attempted++
	b.total.Failed++
	b.errors.add(kind, err, ms)
}

// answered counts a read. It tells whether it is to be recorded by itself.
func (b *readBook) answered(node string, s history.Sight, ageMS, latencyMS float64) bool {
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
	_ = b.latency.RecordValue(int64(min(max(latencyMS*1000, record.MinLatency), record.MaxLatency)))
	switch s {
	case history.Stale:
		by.Stale++
		b.total.Stale++
		if b.total.OldestMS == nil || ageMS > *b.total.OldestMS {
			b.total.OldestMS = &ageMS
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
	master, err := b.redis.MasterForKey(ctx, key)
	switch {
	case err != nil:
		return ""
	case nodeName(b.workload.target, master.Options().Addr) == node:
		return "master"
	default:
		return "replica"
	}
}

// writes paces the writes among the operations of a pacer.
func (b *readBook) writes(operations pacer) pacer {
	if b == nil {
		return operations
	}
	return writePacer{operations, &b.turns}
}

// writePacer is the writes among the operations of a pacer.
type writePacer struct {
	pacer
	turns *readTurns
}

func (p writePacer) due(ms float64) int64 {
	n := p.pacer.due(ms)
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
	r.Ratio, r.From = b.workload.spec.ReadRatio, b.workload.spec.ReadsFrom()
	r.Unsent = max(b.turns.reads(due)-r.Attempted, 0)
	r.Nodes = []record.ReadNode{}
	for _, node := range b.nodes {
		r.Nodes = append(r.Nodes, *node)
	}
	slices.SortFunc(r.Nodes, func(x, y record.ReadNode) int { return cmp.Compare(x.Node, y.Node) })
	r.Latency = record.Percentiles(b.latency)
	r.Errors = b.errors.list()
	for i := range r.Errors {
		r.Errors[i].Outcome = history.Failed.String()
	}
	return &r
}

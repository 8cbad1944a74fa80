package observe

import (
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// probePart is how long a row of answers goes on, in ms, until the next part of
// it is recorded.
const probePart = 10_000

// probeRow joins like answers of one node into one event, or into several parts if
// they go on for long.
type probeRow struct {
	rec   *record.Record
	node  string
	shard int
	gap   record.Millis // the silence that ends a row

	last    answer
	until   record.Millis // time of the last answer, in ms
	begun   bool          // there is a row
	flushed record.Millis // when its last part was recorded, in ms; 0 if none was
	open    bool          // that part says that it goes on

	// What is not recorded yet.
	first   record.Millis // in ms
	slowest time.Duration
	count   int64
}

// add enters an answer that came at a moment, so long after its probe was sent,
// or what became of a probe that was sent then and has no answer (took is 0).
func (r *probeRow) add(a answer, at time.Time, took time.Duration) {
	now := max(r.rec.At(at), r.until)
	if r.begun && (a != r.last || took > 0 && now-r.until > r.gap) {
		r.end()
	}
	if r.count == 0 {
		r.first = now
	}
	r.last, r.until, r.begun = a, now, true
	r.slowest = max(r.slowest, took)
	r.count++
}

// flush has the record tell all that is known by now (ms): whether the row goes on,
// and until when it did if it does not. An answer may still continue a row that was
// recorded as one that does not.
func (r *probeRow) flush(now record.Millis) {
	switch {
	case !r.begun:
	case now-r.until > r.gap:
		r.part(now, false)
	case !r.open || now-r.flushed >= probePart:
		r.part(now, true)
	}
}

// end records the row, if there is one.
func (r *probeRow) end() {
	r.part(r.until, false)
	r.begun, r.flushed = false, 0
}

// part records the answers since the last part, and whether more are expected. A
// part without answers says that none came.
func (r *probeRow) part(now record.Millis, open bool) {
	if r.count == 0 && r.open == open {
		return
	}
	if r.count == 0 {
		r.first = r.until
	}
	r.rec.AddAt(r.first, &record.Probe{
		Node: r.node, Shard: r.shard, Answer: r.last.class, To: r.last.to, Until: r.until, Count: r.count,
		Slowest:   record.InMillis(r.slowest),
		Continues: r.flushed > 0, Open: open,
	})
	r.count, r.slowest, r.flushed, r.open = 0, 0, now, open
}

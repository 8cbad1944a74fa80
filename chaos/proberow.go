package chaos

import (
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// probeRowLimitMS is the longest row of answers that is recorded in one piece.
const probeRowLimitMS = 10_000

// probeRow joins like answers of one node into one event.
type probeRow struct {
	rec   *record.Record
	node  string
	shard int
	gapMS float64 // the silence that ends a row

	last         answer
	first, until float64
	slowest      time.Duration
	count        int64
	continues    bool
}

// add enters an answer that came at a moment, so long after its probe was sent,
// or what became of a probe that was sent then and has no answer (took is 0).
func (r *probeRow) add(a answer, at time.Time, took time.Duration) {
	now := max(r.rec.At(at), r.until)
	switch {
	case r.count == 0:
	case a != r.last, took > 0 && now-r.until > r.gapMS:
		r.end()
	case now-r.first > probeRowLimitMS:
		r.end()
		r.continues = true
	}
	if r.count == 0 {
		r.last, r.first = a, now
	}
	r.until = now
	r.slowest = max(r.slowest, took)
	r.count++
}

// end records the row, if there is one.
func (r *probeRow) end() {
	if r.count == 0 {
		return
	}
	r.rec.AddAt(r.first, &record.Probe{
		Node: r.node, Shard: r.shard, Answer: r.last.class, To: r.last.to, UntilMS: r.until, Count: r.count,
		SlowestMS: float64(r.slowest.Round(time.Microsecond)) / float64(time.Millisecond), Continues: r.continues,
	})
	r.count, r.slowest, r.continues = 0, 0, false
}

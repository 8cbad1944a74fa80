package books

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/pace"
)

// Latencies turns the samples of a workload into an event for each second. It
// is used by one goroutine at a time.
type Latencies struct {
	rec      *record.Record
	workload string
	ledgers  iter.Seq[*Ledger]
	pace     pace.Pacer
	// Writes are due from start to stopped on the run's clock.
	start, stopped record.Millis

	Total *hdrhistogram.Histogram
	Late  *hdrhistogram.Histogram            // how late writes were sent
	next  uint32                             // the first second without an event
	open  map[uint32]*hdrhistogram.Histogram // by second, what no event holds yet
	spare []sample
	idle  []*hdrhistogram.Histogram // to be used again
}

func NewLatencies(rec *record.Record, workload string, ledgers iter.Seq[*Ledger], pace pace.Pacer, start, stopped record.Millis) *Latencies {
	return &Latencies{
		rec: rec, workload: workload, ledgers: ledgers, pace: pace, start: start, stopped: stopped,
		Total: record.NewHistogram(), Late: record.NewHistogram(), next: uint32(start / interval), open: map[uint32]*hdrhistogram.Histogram{},
	}
}

// Save records the seconds that were over at now, and what came late for
// those before them.
func (b *Latencies) Save(now record.Millis) {
	b.collect()
	b.record(uint32(now/interval), record.Millis(math.Inf(1)))
}

// Finish records everything that is left, up to the end of the last write at
// end. Writes were due until stopped.
func (b *Latencies) Finish(stopped, end record.Millis) {
	b.collect()
	b.stopped = min(b.stopped, stopped)
	b.record(uint32(math.Ceil(float64(end/interval))), end)
}

// collect takes the samples of all ledgers.
func (b *Latencies) collect() {
	for l := range b.ledgers {
		taken := l.Latency.take(b.spare)
		for _, s := range taken {
			h := b.open[s.second]
			if h == nil {
				h = b.histogram()
				b.open[s.second] = h
			}
			s.recordTo(h)
			s.recordTo(b.Total)
		}
		b.spare = l.Late.take(taken)
		for _, s := range b.spare {
			s.recordTo(b.Late)
		}
	}
}

// recordTo enters the sample in a histogram. It is within the bounds, so there is

func (b *Latencies) histogram() *hdrhistogram.Histogram {
	if n := len(b.idle); n > 0 {
		h := b.idle[n-1]
		b.idle = b.idle[:n-1]
		return h
	}
	return record.NewHistogram()
}

// record appends events for the seconds before end. None reaches beyond end.
func (b *Latencies) record(end uint32, ending record.Millis) {
	var late []uint32
	for second := range b.open {
		if second < b.next {
			late = append(late, second)
		}
	}
	slices.Sort(late)
	for _, second := range late {
		b.event(second, ending, 0)
	}
	for ; b.next < end; b.next++ {
		from, until := b.bounds(b.next, ending)
		b.event(b.next, ending, b.due(until)-b.due(from))
	}
}

// due counts the writes that were due before ms on the run's clock.
func (b *Latencies) due(ms record.Millis) int64 {
	return b.pace.Due(min(ms, b.stopped) - b.start)
}

// bounds are the begin and the end of a second, as far as the workload ran in it.
func (b *Latencies) bounds(second uint32, end record.Millis) (from, until record.Millis) {
	begin := record.Millis(float64(second) * interval)
	return max(begin, b.start), min(begin+interval, end)
}

// event appends what there is of a second.
func (b *Latencies) event(second uint32, end record.Millis, due int64) {
	from, until := b.bounds(second, end)
	e := &record.LatencyInterval{Workload: b.workload, Until: until, Due: due}
	if h := b.open[second]; h != nil {
		if err := e.SetHistogram(h); err != nil {
			b.rec.Add(&record.Note{Text: fmt.Sprintf("workload %s: the latencies of second %d are missing: %v", b.workload, second, err)})
		}
		delete(b.open, second)
		h.Reset()
		b.idle = append(b.idle, h)
	}
	b.rec.AddAt(from, e)
}

package drive

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// interval is how long an interval of latencies is: a second of the run.
const interval = 1000

// sample is a number of latencies, all of them of micros, and the second of the run
// in which they were known.
type sample struct{ second, micros, count uint32 }

// samples is the latencies of one goroutine that nobody has taken yet. The lock is
// the goroutine's own: it waits for it only while its samples are being taken, once
// a second and for as long as it takes to swap two slices. They are turned into
// histograms by whoever takes them, not by the goroutine, which is measuring.
type samples struct {
	mu      sync.Mutex
	pending []sample
}

// add enters a latency in ms, known at now.
func (s *samples) add(now, latency record.Millis) {
	s.mu.Lock()
	s.enter(now, latency)
	s.mu.Unlock()
}

// addAll enters the latencies of writes that ended together at now.
func (s *samples) addAll(now record.Millis, flights []*flight, latency func(*flight) record.Millis) {
	s.mu.Lock()
	for _, f := range flights {
		s.enter(now, latency(f))
	}
	s.mu.Unlock()
}

func (s *samples) enter(now, latency record.Millis) {
	second, micros := uint32(now/interval), uint32(min(max(latency*1000, record.MinLatency), record.MaxLatency))
	if last := len(s.pending) - 1; last >= 0 && s.pending[last].second == second && s.pending[last].micros == micros {
		s.pending[last].count++
		return
	}
	s.pending = append(s.pending, sample{second, micros, 1})
}

// take returns what was added since the last time, and leaves an empty slice to
// add to.
func (s *samples) take(empty []sample) []sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.pending
	s.pending = empty[:0]
	return taken
}

// latencyBook turns the samples of a workload into an event for each second. It
// is used by one goroutine at a time.
type latencyBook struct {
	rec      *record.Record
	workload string
	ledgers  iter.Seq[*ledger]
	pace     pacer
	// Writes are due from start to stopped on the run's clock.
	start, stopped record.Millis

	total *hdrhistogram.Histogram
	late  *hdrhistogram.Histogram            // how late writes were sent
	next  uint32                             // the first second without an event
	open  map[uint32]*hdrhistogram.Histogram // by second, what no event holds yet
	spare []sample
	idle  []*hdrhistogram.Histogram // to be used again
}

func newLatencyBook(load *Load, s *Session) *latencyBook {
	return &latencyBook{
		rec: load.Rec, workload: load.Spec.Name, ledgers: load.ledgers(), pace: s.reads.writes(s.pace), start: s.start, stopped: s.End,
		total: record.NewHistogram(), late: record.NewHistogram(), next: uint32(s.start / interval), open: map[uint32]*hdrhistogram.Histogram{},
	}
}

// save records the seconds that were over at now, and what came late for
// those before them.
func (b *latencyBook) save(now record.Millis) {
	b.collect()
	b.record(uint32(now/interval), record.Millis(math.Inf(1)))
}

// finish records everything that is left, up to the end of the last write at
// end. Writes were due until stopped.
func (b *latencyBook) finish(stopped, end record.Millis) {
	b.collect()
	b.stopped = min(b.stopped, stopped)
	b.record(uint32(math.Ceil(float64(end/interval))), end)
}

// collect takes the samples of all ledgers.
func (b *latencyBook) collect() {
	for l := range b.ledgers {
		taken := l.latency.take(b.spare)
		for _, s := range taken {
			h := b.open[s.second]
			if h == nil {
				h = b.histogram()
				b.open[s.second] = h
			}
			s.recordTo(h)
			s.recordTo(b.total)
		}
		b.spare = l.late.take(taken)
		for _, s := range b.spare {
			s.recordTo(b.late)
		}
	}
}

// recordTo enters the sample in a histogram. It is within the bounds, so there is
// no error to return.
func (s sample) recordTo(h *hdrhistogram.Histogram) {
	_ = h.RecordValues(int64(s.micros), int64(s.count))
}

func (b *latencyBook) histogram() *hdrhistogram.Histogram {
	if n := len(b.idle); n > 0 {
		h := b.idle[n-1]
		b.idle = b.idle[:n-1]
		return h
	}
	return record.NewHistogram()
}

// record appends events for the seconds before end. None reaches beyond end.
func (b *latencyBook) record(end uint32, ending record.Millis) {
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
func (b *latencyBook) due(ms record.Millis) int64 {
	return b.pace.due(min(ms, b.stopped) - b.start)
}

// bounds are the begin and the end of a second, as far as the workload ran in it.
func (b *latencyBook) bounds(second uint32, end record.Millis) (from, until record.Millis) {
	begin := record.Millis(float64(second) * interval)
	return max(begin, b.start), min(begin+interval, end)
}

// event appends what there is of a second.
func (b *latencyBook) event(second uint32, end record.Millis, due int64) {
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

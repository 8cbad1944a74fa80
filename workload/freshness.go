package workload

import (
	"math"
	"strconv"
	"sync/atomic"
)

// readable is a writer whose keys can be read while they are written to, and tell
// what was acked before.
type readable interface {
	writer
	// freshness remembers what was acked of a number of keys.
	freshness(keys int) freshness
}

var (
	_ readable = register{}
	_ readable = counter{}
)

// freshness knows what a read of a key must see. Each client calls it for itself.
type freshness interface {
	// pick is the index of a key that a client may read.
	pick(client int, random uint64) int
	// wrote is told of an outcome, at ms on the run's clock, once the history has it.
	wrote(key int, n uint32, o outcome, ms float64)
	// acked is what a read that is sent now must see at least.
	acked(key int) ackedYet
	// judge compares what a read that was answered at ms has seen with what it had
	// to: value is nil if there was nothing. The history is that of the client that
	// reads.
	judge(h *history, key int, must ackedYet, value *string, ms float64) view
}

// nothing is what a key holds that is not there.
const nothing = -1

// ackedYet is what was acked of a key: the number to be read at least, nothing if
// there is none, and when its last write was acked.
type ackedYet struct {
	number int64
	lastMS float64
}

// view is what a read has seen: a number, or nothing.
type view struct {
	sight
	number int64
	// sinceMS is when the first write was acked that a stale read has not seen, as
	// far as that is known: it may have been earlier.
	sinceMS float64
}

// sight is how what a read has seen compares with what was acked.
type sight int

const (
	fresh sight = iota
	// stale: older than what was acked before the read was sent.
	stale
	// unsure: older, but one attempt at that was never answered, and may have been
	// applied after what was acked.
	unsure
	// strange: what this workload never wrote.
	strange
)

// registerFreshness knows the last acked number of each key. A key has one
// writer, which is also its only reader, so nothing of it is shared.
type registerFreshness struct {
	register
	last []ackedYet
}

func (r register) freshness(keys int) freshness {
	f := &registerFreshness{register: r, last: make([]ackedYet, keys)}
	for key := range f.last {
		f.last[key].number = nothing
	}
	return f
}

func (f *registerFreshness) pick(client int, random uint64) int {
	return client + f.clients*below(random, int(f.owned(client)))
}

func (f *registerFreshness) wrote(key int, n uint32, o outcome, ms float64) {
	if o.isAcked() {
		f.last[key] = ackedYet{int64(n), ms}
	}
}

func (f *registerFreshness) acked(key int) ackedYet { return f.last[key] }

func (f *registerFreshness) judge(h *history, key int, must ackedYet, value *string, ms float64) view {
	first, step := uint32(key/f.clients), f.owned(key%f.clients)
	s := view{sight: fresh, number: nothing}
	if value != nil {
		client, n, ok := parseValue(*value, f.sizes)
		if !ok || client != key%f.clients || n >= h.len() || f.keyOf(client, n) != key {
			return view{sight: strange}
		}
		s.number = int64(n)
		first = n + step
	}
	if s.number >= must.number {
		return s
	}
	if s.number != nothing {
		if o, _ := h.at(uint32(s.number)); o == ackedInDoubt || o == indeterminate {
			s.sight = unsure
			return s
		}
	}
	for n := first; int64(n) <= must.number; n += step {
		o, ackMS := h.at(n)
		if o.isAcked() && !(s.number == nothing && f.passed(h, n, ms)) {
			s.sight, s.sinceMS = stale, float64(ackMS)
			break
		}
	}
	return s
}

// counterFreshness knows how often each key was counted up. Which of the writes a
// read has not seen is not known, but that the last one is among them.
type counterFreshness struct {
	counter
	acks []counterAcks
}

type counterAcks struct {
	count  atomic.Int64
	lastMS atomic.Uint64 // the bits of a float64
}

func (c counter) freshness(keys int) freshness {
	return &counterFreshness{counter: c, acks: make([]counterAcks, keys)}
}

func (f *counterFreshness) pick(_ int, random uint64) int { return f.keys.pick(random) }

func (f *counterFreshness) wrote(key int, _ uint32, o outcome, ms float64) {
	if o.isAcked() {
		f.acks[key].lastMS.Store(math.Float64bits(ms))
		f.acks[key].count.Add(1)
	}
}

func (f *counterFreshness) acked(key int) ackedYet {
	// In this order, the time is at least that of the last write counted.
	count := f.acks[key].count.Load()
	return ackedYet{count, math.Float64frombits(f.acks[key].lastMS.Load())}
}

func (f *counterFreshness) judge(_ *history, _ int, must ackedYet, value *string, _ float64) view {
	s := view{sight: fresh, number: nothing}
	held := int64(0)
	if value != nil {
		var err error
		if held, err = strconv.ParseInt(*value, 10, 64); err != nil || held < 0 {
			return view{sight: strange}
		}
		s.number = held
	}
	if held < must.number {
		s.sight, s.sinceMS = stale, must.lastMS
	}
	return s
}

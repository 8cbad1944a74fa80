package workload

import (
	"math"
	"strconv"
	"sync/atomic"
)

// registerFreshness knows the last acked number of each key. A key has one
// writer, which is also its only reader, so nothing of it is shared.
type registerFreshness struct {
	owned
	sizes
	expiry
	last []ackedYet
}

func newRegisterFreshness(keys owned, size sizes, lasts expiry) *registerFreshness {
	f := &registerFreshness{owned: keys, sizes: size, expiry: lasts, last: make([]ackedYet, keys.keys)}
	for key := range f.last {
		f.last[key].number = nothing
	}
	return f
}

func (f *registerFreshness) pick(client int, random uint64) int {
	return client + f.clients*below(random, int(f.keysOf(client)))
}

func (f *registerFreshness) wrote(key int, n uint32, o outcome, ms float64) {
	if o.isAcked() {
		f.last[key] = ackedYet{number: int64(n), lastMS: ms}
	}
}

func (f *registerFreshness) acked(key int) ackedYet { return f.last[key] }

func (f *registerFreshness) judge(h *history, key int, must ackedYet, value *string, ms float64) view {
	first, step := uint32(key/f.clients), f.keysOf(key%f.clients)
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
	spread
	acks []counterAcks
}

type counterAcks struct {
	count  atomic.Int64
	lastMS atomic.Uint64 // the bits of a float64
}

func newCounterFreshness(spread spread, keys int) *counterFreshness {
	return &counterFreshness{spread: spread, acks: make([]counterAcks, keys)}
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
	return ackedYet{number: count, lastMS: math.Float64frombits(f.acks[key].lastMS.Load())}
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

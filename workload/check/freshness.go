package check

import (
	"math"
	"strconv"
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// RegisterFreshness knows the last acked number of each key. A key has one
// writer, which is also its only reader, so nothing of it is shared.
type RegisterFreshness struct {
	keyspace.Owned
	keyspace.Sizes
	Expiry
	last []history.AckedYet
}

func NewRegisterFreshness(keys keyspace.Owned, size keyspace.Sizes, lasts Expiry) *RegisterFreshness {
	f := &RegisterFreshness{Owned: keys, Sizes: size, Expiry: lasts, last: make([]history.AckedYet, keys.Keys)}
	for key := range f.last {
		f.last[key].Number = history.Nothing
	}
	return f
}

func (f *RegisterFreshness) Pick(client int, random uint64) int {
	return client + f.Clients*keyspace.Below(random, int(f.KeysOf(client)))
}

func (f *RegisterFreshness) Wrote(key int, n uint32, o history.Outcome, ms record.Millis) {
	if o.IsAcked() {
		f.last[key] = history.AckedYet{Number: int64(n), Last: ms}
	}
}

func (f *RegisterFreshness) Acked(key int) history.AckedYet { return f.last[key] }

func (f *RegisterFreshness) Judge(h *history.History, key int, must history.AckedYet, value *string, ms record.Millis) history.View {
	first, step := uint32(key/f.Clients), f.KeysOf(key%f.Clients)
	s := history.View{Sight: history.Fresh, Number: history.Nothing}
	if value != nil {
		client, n, ok := keyspace.ParseValue(*value, f.Sizes)
		if !ok || client != key%f.Clients || n >= h.Len() || f.KeyOf(client, n) != key {
			return history.View{Sight: history.Strange}
		}
		s.Number = int64(n)
		first = n + step
	}
	if s.Number >= must.Number {
		return s
	}
	if s.Number != history.Nothing {
		if o, _ := h.At(uint32(s.Number)); o == history.AckedInDoubt || o == history.Indeterminate {
			s.Sight = history.Unsure
			return s
		}
	}
	for n := first; int64(n) <= must.Number; n += step {
		o, acked := h.At(n)
		if o.IsAcked() && !(s.Number == history.Nothing && f.passed(h, n, ms)) {
			s.Sight, s.Since = history.Stale, record.Millis(acked)
			break
		}
	}
	return s
}

// CounterFreshness knows how often each key was counted up. Which of the writes a
// read has not seen is not known, but that the last one is among them.
type CounterFreshness struct {
	keyspace.Spread
	acks []counterAcks
}

type counterAcks struct {
	count    atomic.Int64
	lastBits atomic.Uint64 // the bits of a float64
}

func NewCounterFreshness(spread keyspace.Spread, keys int) *CounterFreshness {
	return &CounterFreshness{Spread: spread, acks: make([]counterAcks, keys)}
}

func (f *CounterFreshness) Pick(_ int, random uint64) int { return f.Keys.Pick(random) }

func (f *CounterFreshness) Wrote(key int, _ uint32, o history.Outcome, ms record.Millis) {
	if o.IsAcked() {
		f.acks[key].lastBits.Store(math.Float64bits(float64(ms)))
		f.acks[key].count.Add(1)
	}
}

func (f *CounterFreshness) Acked(key int) history.AckedYet {
	// In this order, the time is at least that of the last write counted.
	count := f.acks[key].count.Load()
	return history.AckedYet{Number: count, Last: record.Millis(math.Float64frombits(f.acks[key].lastBits.Load()))}
}

func (f *CounterFreshness) Judge(_ *history.History, _ int, must history.AckedYet, value *string, _ record.Millis) history.View {
	s := history.View{Sight: history.Fresh, Number: history.Nothing}
	held := int64(0)
	if value != nil {
		var err error
		if held, err = strconv.ParseInt(*value, 10, 64); err != nil || held < 0 {
			return history.View{Sight: history.Strange}
		}
		s.Number = held
	}
	if held < must.Number {
		s.Sight, s.Since = history.Stale, must.Last
	}
	return s
}

package workload

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// checker compares what is present with what was written. It is a pure
// function of the two: it is told everything that was found, several keys at a
// time if need be, and verdict sums up.
type checker interface {
	// begin: a key is about to be read, from its beginning. It may have been read
	// before, but not to its end.
	begin(key int)
	// see is told of a value in a key, in order where the key has one. Where it
	// has none, a value may be seen more than once.
	see(key int, value string)
	// end: all of the key has been seen.
	end(key int)
	// unreadable is told of a key that could not be read, or not to its end.
	unreadable(key int, err error)
	// verdict leaves the workload's name empty.
	verdict() *record.Verified
}

// unordered is for a checker to which it is the same in what order it sees
// values, and how often.
type unordered struct{}

func (unordered) begin(int) {}
func (unordered) end(int)   {}

// unread is the keys that could not be read.
type unread struct {
	bad   map[int]bool // by index of key
	cause error        // of the first
}

func (u *unread) unreadable(key int, err error) {
	if u.bad == nil {
		u.bad, u.cause = map[int]bool{}, err
	}
	u.bad[key] = true
}

// tally is a verdict in the making.
type tally struct {
	record.Verified
	losses losses
}

// verdict is what the tally has come to.
func (t *tally) verdict() *record.Verified {
	t.Losses = t.losses.list()
	return &t.Verified
}

// lose counts a lost write n of a client, to a shard, that was acked at ms.
func (t *tally) lose(h *history, client int, n uint32, shard int, ms uint32) {
	t.loseUndated(shard, 1)
	t.losses.add(client, shard, h.ackers.of(n, shard), ms)
	at := float64(ms)
	if t.LossWindowMS == nil {
		t.LossWindowMS = &[2]float64{at, at}
		return
	}
	t.LossWindowMS[0] = min(t.LossWindowMS[0], at)
	t.LossWindowMS[1] = max(t.LossWindowMS[1], at)
}

// loseUndated counts n lost writes of which it is not known when they were acked.
func (t *tally) loseUndated(shard int, n int64) {
	t.Lost += n
	if t.LostByShard == nil {
		t.LostByShard = map[int]int64{}
	}
	t.LostByShard[shard] += n
}

// present counts a write that is there and was not acked.
func (t *tally) present(o outcome) {
	switch o {
	case failed:
		t.FailedApplied++
	case indeterminate:
		t.UnackedApplied++
	}
}

// explain adds a reason why acked writes could not be verified.
func (t *tally) explain(format string, args ...any) {
	if t.Error != "" {
		t.Error += "; "
	}
	t.Error += fmt.Sprintf(format, args...)
}

func (t *tally) explainUnread(u unread, keys int) {
	if len(u.bad) > 0 {
		t.explain("%d of %d keys could not be read: %v", len(u.bad), keys, u.cause)
	}
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n uint32) bitset { return make(bitset, (uint64(n)+63)/64) }

func (b bitset) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) clear(i uint32)    { b[i/64] &^= 1 << (i % 64) }
func (b bitset) has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }

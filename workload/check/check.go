// Package check tells what became of what the clients of a workload did: it compares
// their histories with what keys hold afterwards, or with what the clients were answered.
// All of it is pure, and knows neither Redis nor a network.
package check

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Checker compares what is present with what was written. It is a pure
// function of the two: it is told everything that was found, several keys at a
// time if need be, and Verdict sums up.
type Checker interface {
	// Begin: a key is about to be read, from its beginning. It may have been read
	// before, but not to its end.
	Begin(key int)
	// See is told of a value in a key, in order where the key has one. Where it
	// has none, a value may be seen more than once.
	See(key int, value string)
	// End: all of the key has been seen.
	End(key int)
	// Unreadable is told of a key that could not be read, or not to its end.
	Unreadable(key int, err error)
	// Verdict leaves the workload's name empty.
	Verdict() *record.Verified
}

// unordered is for a checker to which it is the same in what order it sees
// values, and how often.
type unordered struct{}

func (unordered) Begin(int) {}
func (unordered) End(int)   {}

// unread is the keys that could not be read.
type unread struct {
	bad   map[int]bool // by index of key
	cause error        // of the first
}

func (u *unread) Unreadable(key int, err error) {
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
func (t *tally) lose(h *history.History, client int, n uint32, shard int, ms uint32) {
	t.loseUndated(shard, 1)
	t.losses.add(client, shard, h.Ackers.Of(n, shard), ms)
	at := record.Millis(ms)
	if t.LossWindow == nil {
		t.LossWindow = &[2]record.Millis{at, at}
		return
	}
	t.LossWindow[0] = min(t.LossWindow[0], at)
	t.LossWindow[1] = max(t.LossWindow[1], at)
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
func (t *tally) present(o history.Outcome) {
	switch o {
	case history.Failed:
		t.FailedApplied++
	case history.Indeterminate:
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

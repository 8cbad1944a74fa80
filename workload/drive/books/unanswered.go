package books

import (
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Unanswered counts the writes of a client's turn that no server has acked yet, by
// shard, if the turn has more than one. Writes to several shards are answered at the
// same time, and the client waits for one of them when the others are done.
type Unanswered struct {
	occupation *Occupation
	client     int // by number
	left       []atomic.Int32
	count      []int32 // for the client itself
}

func NewUnanswered(o *Occupation, client, shards int) *Unanswered {
	return &Unanswered{o, client, make([]atomic.Int32, shards), make([]int32, shards)}
}

// Reset forgets the last turn.
func (u *Unanswered) Reset() { clear(u.count) }

// Add adds a write of the next turn, by where it goes.
func (u *Unanswered) Add(shard int) { u.count[shard]++ }

// Begin begins the turn whose writes were added, at ms on the run's clock.
func (u *Unanswered) Begin(ms record.Millis) {
	for shard, n := range u.count {
		u.left[shard].Store(n)
	}
	u.note(ms)
}

// note notes which shard the client waits for, if it is one.
func (u *Unanswered) note(ms record.Millis) {
	if shard, one := u.only(); one {
		u.occupation.Enter(u.client, shard, ms)
	}
}

// only is the one shard that has not answered; false if several have not, or none.
func (u *Unanswered) only() (shard int, one bool) {
	for i := range u.left {
		if u.left[i].Load() <= 0 {
			continue
		}
		if one {
			return 0, false
		}
		shard, one = i, true
	}
	return shard, one
}

// AckedOnes counts writes of one turn to one shard that a server has acked, until they are
// taken off what is unanswered.
type AckedOnes struct {
	of    *Unanswered
	shard int
	n     int32
}

// Add counts a write that has been acked for the first time; that of nil nobody counts.
func (a *AckedOnes) Add(of *Unanswered, shard int) {
	switch {
	case of == nil:
	case a.of == of && a.shard == shard:
		a.n++
	default:
		a.Enter()
		*a = AckedOnes{of, shard, 1}
	}
}

// Enter takes off what was counted. If that leaves one shard, the client waits for it.
func (a *AckedOnes) Enter() {
	u := a.of
	if u == nil || u.left[a.shard].Add(-a.n) > 0 {
		return
	}
	u.note(u.occupation.rec.Now())
}

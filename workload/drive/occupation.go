package drive

import (
	"sync"
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// occupation tells when all clients of a workload wait for one and the same shard. A
// client enters and leaves its calls without a lock; whoever was in one for long looks,
// as it leaves, at where all the others are. Nil keeps no account.
type occupation struct {
	rec      *record.Record
	workload string
	clients  []awaited // by number

	// mu is held while all clients are looked at, and by those who leave a long call: so
	// they leave one after the other.
	mu    sync.Mutex
	saved record.Millis // until when spans are recorded
}

// awaited is the shard that a client waits for, plus one, in the low 8 bits, and since
// when, in µs on the run's clock, in the others; 0 if it waits for none, or for several.
type awaited struct {
	atomic.Uint64
	_ [56]byte // clients do not share a cache line
}

func newOccupation(rec *record.Record, workload string, clients int) *occupation {
	return &occupation{rec: rec, workload: workload, clients: make([]awaited, clients)}
}

// enter notes that a client waits for a shard, since ms on the run's clock.
func (o *occupation) enter(client, shard int, ms record.Millis) {
	if o != nil {
		o.clients[client].Store(uint64(ms*1000)<<8 | uint64(shard+1))
	}
}

// leave notes that a client's call is over, which lasted from from to ms.
func (o *occupation) leave(client int, from, ms record.Millis) {
	switch {
	case o == nil:
	case ms-from < record.LeastOccupied/2:
		o.clients[client].Store(0) // no span of LeastOccupied ends with this
	default:
		o.mu.Lock()
		defer o.mu.Unlock()
		o.note()
		o.clients[client].Store(0)
	}
}

// save records the part that there is so far of a span that goes on.
func (o *occupation) save() {
	if o != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.note()
	}
}

// note records the span that lasts until now, if there is one.
func (o *occupation) note() {
	now := o.rec.Now()
	shard, since, all := o.common()
	if !all || now-since < record.LeastOccupied {
		return
	}
	o.rec.AddAt(max(since, o.saved), &record.Occupied{Workload: o.workload, Shard: shard, Until: now})
	o.saved = now
}

// common is the shard that all clients wait for, and since when the last of them does.
func (o *occupation) common() (shard int, began record.Millis, all bool) {
	var since, shared uint64
	for i := range o.clients {
		w := o.clients[i].Load()
		if w == 0 || i > 0 && w&0xff != shared {
			return 0, 0, false
		}
		shared, since = w&0xff, max(since, w>>8)
	}
	return int(shared) - 1, record.Millis(float64(since) / 1000), true
}

// unanswered counts the writes of a client's turn that no server has acked yet, by
// shard, if the turn has more than one. Writes to several shards are answered at the
// same time, and the client waits for one of them when the others are done.
type unanswered struct {
	occupation *occupation
	client     int // by number
	left       []atomic.Int32
	count      []int32 // for the client itself
}

func newUnanswered(o *occupation, client, shards int) *unanswered {
	return &unanswered{o, client, make([]atomic.Int32, shards), make([]int32, shards)}
}

// reset forgets the last turn.
func (u *unanswered) reset() { clear(u.count) }

// add adds a write of the next turn, by where it goes.
func (u *unanswered) add(shard int) { u.count[shard]++ }

// begin begins the turn whose writes were added, at ms on the run's clock.
func (u *unanswered) begin(ms record.Millis) {
	for shard, n := range u.count {
		u.left[shard].Store(n)
	}
	u.note(ms)
}

// note notes which shard the client waits for, if it is one.
func (u *unanswered) note(ms record.Millis) {
	if shard, one := u.only(); one {
		u.occupation.enter(u.client, shard, ms)
	}
}

// only is the one shard that has not answered; false if several have not, or none.
func (u *unanswered) only() (shard int, one bool) {
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
	of    *unanswered
	shard int
	n     int32
}

// add counts a write that has been acked for the first time; that of nil nobody counts.
func (a *AckedOnes) add(of *unanswered, shard int) {
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

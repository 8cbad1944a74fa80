package books

import (
	"sync"
	"sync/atomic"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Occupation tells when all clients of a workload wait for one and the same shard. A
// client enters and leaves its calls without a lock; whoever was in one for long looks,
// as it leaves, at where all the others are. Nil keeps no account.
type Occupation struct {
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

func NewOccupation(rec *record.Record, workload string, clients int) *Occupation {
	return &Occupation{rec: rec, workload: workload, clients: make([]awaited, clients)}
}

// Enter notes that a client waits for a shard, since ms on the run's clock.
func (o *Occupation) Enter(client, shard int, ms record.Millis) {
	if o != nil {
		o.clients[client].Store(uint64(ms*1000)<<8 | uint64(shard+1))
	}
}

// Leave notes that a client's call is over, which lasted from from to ms.
func (o *Occupation) Leave(client int, from, ms record.Millis) {
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

// Save records the part that there is so far of a span that goes on.
func (o *Occupation) Save() {
	if o != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.note()
	}
}

// note records the span that lasts until now, if there is one.
func (o *Occupation) note() {
	now := o.rec.Now()
	shard, since, all := o.common()
	if !all || now-since < record.LeastOccupied {
		return
	}
	o.rec.AddAt(max(since, o.saved), &record.Occupied{Workload: o.workload, Shard: shard, Until: now})
	o.saved = now
}

// common is the shard that all clients wait for, and since when the last of them does.
func (o *Occupation) common() (shard int, began record.Millis, all bool) {
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

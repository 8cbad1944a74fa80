package check

import (
	"cmp"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Locks is how clients used locks.
type Locks struct {
	Held      []*Holders  // by index of key
	Clients   []LockTally // by number
	TTL, Hold record.Millis
}

// LockTally is what one client counted.
type LockTally struct {
	Acquired, Expired, Denied, DeniedInDoubt int64
	Released, ReleaseFailed, ReleaseUnknown  int64
	ReleaseLate                              int64
	Gone, Taken                              int64
	Lost                                     []LockLoss
}

// LockLoss is a lock that was gone before its ttl was over.
type LockLoss struct {
	Key   int
	Found record.Millis
}

// Verdict sums up what the clients counted, and when two of them held one lock.
// It leaves the workload's name empty.
func (l Locks) Verdict(shardOf []int) *record.Locks {
	v := &record.Locks{Locks: len(l.Held), TTL: l.TTL, Hold: l.Hold}
	for i := range l.Clients {
		c := &l.Clients[i]
		v.Acquired += c.Acquired
		v.Expired += c.Expired
		v.Denied += c.Denied
		v.DeniedInDoubt += c.DeniedInDoubt
		v.Released += c.Released
		v.ReleaseFailed += c.ReleaseFailed
		v.ReleaseUnknown += c.ReleaseUnknown
		v.ReleaseLate += c.ReleaseLate
		v.Gone += c.Gone
		v.Taken += c.Taken
		for _, lost := range c.Lost {
			widen(&v.LostWindow, lost.Found)
			if v.LostByShard == nil {
				v.LostByShard = map[int]int64{}
			}
			v.LostByShard[shardOf[lost.Key]]++
		}
	}
	between := map[[2]string]*record.DoubleGrant{}
	for key := range l.Held {
		f := l.Held[key]
		v.DoubleHeld += f.double()
		for _, o := range f.overlaps {
			v.DoubleHolds++
			v.Longest = max(v.Longest, o.lasted())
			widen(&v.Window, o.from)
			if v.ByShard == nil {
				v.ByShard = map[int]int64{}
			}
			v.ByShard[shardOf[key]]++
			grant := between[o.nodes]
			if grant == nil {
				grant = &record.DoubleGrant{First: o.nodes[0], Second: o.nodes[1]}
				between[o.nodes] = grant
			}
			grant.Count++
			grant.Longest = max(grant.Longest, o.lasted())
		}
	}
	for _, grant := range slices.SortedFunc(maps.Values(between), func(a, b *record.DoubleGrant) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	}) {
		v.GrantedBy = append(v.GrantedBy, *grant)
	}
	return v
}

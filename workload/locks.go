package workload

import (
	"cmp"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// lockUse is how clients used locks.
type lockUse struct {
	locks         []*holders  // by index of key
	clients       []lockTally // by number
	ttlMS, holdMS float64
}

// lockTally is what one client counted.
type lockTally struct {
	acquired, expired, denied, deniedInDoubt int64
	released, releaseFailed, releaseUnknown  int64
	releaseLate                              int64
	gone, taken                              int64
	lost                                     []lockLoss
}

// lockLoss is a lock that was gone before its ttl was over.
type lockLoss struct {
	key     int
	foundMS float64
}

// verdict sums up what the clients counted, and when two of them held one lock.
// It leaves the workload's name empty.
func (l lockUse) verdict(shardOf []int) *record.Locks {
	v := &record.Locks{Locks: len(l.locks), TTLMS: l.ttlMS, HoldMS: l.holdMS}
	for i := range l.clients {
		c := &l.clients[i]
		v.Acquired += c.acquired
		v.Expired += c.expired
		v.Denied += c.denied
		v.DeniedInDoubt += c.deniedInDoubt
		v.Released += c.released
		v.ReleaseFailed += c.releaseFailed
		v.ReleaseUnknown += c.releaseUnknown
		v.ReleaseLate += c.releaseLate
		v.Gone += c.gone
		v.Taken += c.taken
		for _, lost := range c.lost {
			widen(&v.LostWindowMS, lost.foundMS)
			if v.LostByShard == nil {
				v.LostByShard = map[int]int64{}
			}
			v.LostByShard[shardOf[lost.key]]++
		}
	}
	between := map[[2]string]*record.DoubleGrant{}
	for key := range l.locks {
		f := l.locks[key]
		v.DoubleHeldMS += f.doubleMS()
		for _, o := range f.overlaps {
			v.DoubleHolds++
			v.LongestMS = max(v.LongestMS, o.lasted())
			widen(&v.WindowMS, o.fromMS)
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
			grant.LongestMS = max(grant.LongestMS, o.lasted())
		}
	}
	for _, grant := range slices.SortedFunc(maps.Values(between), func(a, b *record.DoubleGrant) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	}) {
		v.GrantedBy = append(v.GrantedBy, *grant)
	}
	return v
}

package check

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Locks is how clients used locks.
//
// A client believes that it holds a lock from the moment at which it has the
// answer until it sends the release or until the ttl has passed since it sent the
// request, whichever is first: it is a careful one. Nothing else is counted as
// held. So two clients whose holdings overlap did both hold the lock, for at least
// as long as is told, whatever the clocks of the servers show: all times are read
// on the clock of this program, between the answer and the release.
type Locks struct {
	Requests  []history.History // by client
	Answers   []history.Locking // to those that were acked
	KeyOf     func(client int, n uint32) int
	ShardOf   []int // by key
	TTL, Hold record.Millis
}

// Verdict sums up what came of the requests, and when two clients held one lock. It leaves
// the workload's name empty. The only error is that of a cancelled ctx.
func (l Locks) Verdict(ctx context.Context) (*record.Locks, error) {
	v := &record.Locks{Locks: len(l.ShardOf), TTL: l.TTL, Hold: l.Hold}
	held := make([][]holding, len(l.ShardOf)) // by key
	for client := range l.Requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l.count(v, held, client)
	}
	between := map[[2]string]*record.DoubleGrant{}
	for key := range held {
		var all doubled
		n := 0
		overlaps(held[key], func(o overlap) bool {
			all.add(o)
			v.DoubleHolds++
			v.Longest = max(v.Longest, o.lasted())
			widen(&v.Window, o.from)
			countShard(&v.ByShard, l.ShardOf[key])
			grant := between[o.nodes]
			if grant == nil {
				grant = &record.DoubleGrant{First: o.nodes[0], Second: o.nodes[1]}
				between[o.nodes] = grant
			}
			grant.Count++
			grant.Longest = max(grant.Longest, o.lasted())
			n++
			return n%1024 != 0 || ctx.Err() == nil
		})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v.DoubleHeld += all.sum
	}
	for _, grant := range slices.SortedFunc(maps.Values(between), func(a, b *record.DoubleGrant) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	}) {
		v.GrantedBy = append(v.GrantedBy, *grant)
	}
	return v, nil
}

// count counts what came of a client's requests, and notes what it held.
func (l Locks) count(v *record.Locks, held [][]holding, client int) {
	answers, stop := iter.Pull2(l.Answers[client].All())
	defer stop()
	for n, request := range l.Requests[client].All() {
		if !request.Outcome.IsAcked() {
			continue
		}
		g, granted, more := answers()
		if !more {
			return
		}
		if !granted {
			v.Denied++
			if request.Outcome == history.AckedInDoubt {
				v.DeniedInDoubt++
			}
			continue
		}
		key := l.KeyOf(client, n)
		from, expires := history.Milliseconds(g.FromNS), history.Milliseconds(g.CalledNS)+l.TTL
		if from < expires {
			v.Acquired++
			held[key] = append(held[key], holding{
				client: client, node: l.Requests[client].Ackers.Of(n, l.ShardOf[key]),
				from: from, until: min(expires, history.Milliseconds(g.EndNS)),
			})
		} else {
			v.Expired++
		}
		l.release(v, g, expires, l.ShardOf[key])
	}
}

// release counts a release. One that found the lock to be gone or another client's was
// lost if the answer was there before the ttl was over, and if no earlier attempt
// can have released it.
func (Locks) release(v *record.Locks, g history.Grant, expires record.Millis, shard int) {
	over := history.Milliseconds(g.OverNS)
	switch {
	case g.Release == history.Failed:
		v.ReleaseFailed++
		return
	case g.Release == history.Indeterminate:
		v.ReleaseUnknown++
		return
	case g.Found == history.FoundOwn:
		v.Released++
		return
	case g.Release == history.AckedInDoubt || over >= expires:
		v.ReleaseLate++
		return
	case g.Found == history.FoundGone:
		v.Gone++
	default:
		v.Taken++
	}
	widen(&v.LostWindow, over)
	countShard(&v.LostByShard, shard)
}

// countShard counts one more of a shard.
func countShard(counts *map[int]int64, shard int) {
	if *counts == nil {
		*counts = map[int]int64{}
	}
	(*counts)[shard]++
}

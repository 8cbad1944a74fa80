package observed

import (
	"cmp"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// changesOf follows each shard's owner by configuration epoch: a later epoch
// wins, whichever node is asked first.
func changesOf(facts *Facts) []MasterChange {
	type ownership struct {
		owner string
		epoch int64
	}
	current := map[int]ownership{}
	for _, s := range facts.Started.Shards {
		current[s.Shard] = ownership{owner: s.Master}
	}
	var changes []MasterChange
	for _, e := range facts.Events {
		d, ok := e.Data.(*record.SlotOwner)
		if !ok {
			continue
		}
		now := current[d.Shard]
		if d.Owner == now.owner {
			now.epoch = max(now.epoch, d.Epoch)
			current[d.Shard] = now
			continue
		}
		if d.Epoch <= now.epoch {
			continue // news that this node is late to hear
		}
		changes = append(changes, MasterChange{Shard: d.Shard, From: now.owner, To: d.Owner, epoch: d.Epoch, Seen: e.At})
		current[d.Shard] = ownership{d.Owner, d.Epoch}
	}
	slices.SortStableFunc(changes, func(a, b MasterChange) int { return cmp.Compare(a.Seen, b.Seen) })
	next := map[int]float64{}
	for i := len(changes) - 1; i >= 0; i-- {
		c := &changes[i]
		c.Next = record.Millis(math.Inf(1))
		if ms, ok := next[c.Shard]; ok {
			c.Next = record.Millis(ms)
		}
		next[c.Shard] = float64(c.Seen)
	}
	return changes
}

// MasterAt is the master of a shard at a moment.
func (facts *Facts) MasterAt(shard int, ms record.Millis) string {
	master := ""
	for _, s := range facts.Started.Shards {
		if s.Shard == shard {
			master = s.Master
		}
	}
	for _, c := range facts.Changes {
		if c.Shard == shard && c.Seen <= ms {
			master = c.To
		}
	}
	return master
}

// leastReplacedLate is how long a replica may take to be elected, with the delay before that, at
// any cluster-node-timeout, in ms.
const leastReplacedLate = 1500

// ReplacedLate is how long after a master is back it may still be replaced, in ms: one that is
// marked as failed stays so for twice cluster-node-timeout, and until its next pong.
func (facts *Facts) ReplacedLate() record.Millis {
	return max(2*facts.NodeTimeout(), leastReplacedLate)
}

// mastersAway lists the masters that faults or incidents hid from their peers at a moment.
func (facts *Facts) mastersAway(ms record.Millis) (away []string, evidence []report.Evidence) {
	for _, s := range facts.Started.Shards {
		m := facts.MasterAt(s.Shard, ms)
		if slices.Contains(away, m) {
			continue
		}
		if fault, ok := facts.FaultOn(m, ms); ok {
			away, evidence = append(away, m), append(evidence, facts.FaultEvidence(fault, m))
		} else if i, ok := IncidentOn(facts.Incidents, m, ms, 0); ok {
			away, evidence = append(away, m), append(evidence, IncidentEvidence(i))
		}
	}
	return away, evidence
}

// NoMajority tells whether these kept so many masters away at a moment that those left
// are no majority.
func (facts *Facts) NoMajority(ms record.Millis) (evidence []report.Evidence, none bool) {
	away, evidence := facts.mastersAway(ms)
	return evidence, facts.Started.Masters-len(away) < predict.Majority(facts.Started.Masters)
}

// InSync tells whether a replica was in sync with its master at a moment, and since when
// it was not; it was, if nobody ever said otherwise.
func (facts *Facts) InSync(master, replica string, ms record.Millis) (since record.Millis, in bool) {
	in = true
	for _, e := range facts.Events {
		if r, ok := e.Data.(*record.Replication); ok && e.At <= ms && r.Replica == replica {
			if now := r.InSync && r.Master == master; now != in {
				since, in = e.At, now
			}
		}
	}
	return since, in
}

// OutOfSync is a replica's not being in sync since a moment.
func OutOfSync(replica string, since record.Millis) report.Evidence {
	return report.Evidence{Kind: "sync", Moment: &since, Node: replica, Name: "out_of_sync"}
}

// MastersIn lists who was master of a shard in a gap, in order.
func (facts *Facts) MastersIn(shard int, gap Period) []string {
	masters := []string{facts.MasterAt(shard, gap.From)}
	for _, c := range facts.Changes {
		if c.Shard == shard && c.Seen > gap.From && c.Seen <= gap.To {
			masters = append(masters, c.To)
		}
	}
	return masters
}

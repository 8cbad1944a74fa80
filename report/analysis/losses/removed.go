package losses

import (
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// removal is a counter of INFO by which elements go that no fault has lost.
type removal struct {
	cause report.Cause
	name  string // the counter's
	of    func(*record.Counters) int64
}

// removals are all of them. Where keys of the workloads themselves have a time to live, the
// count of expired ones tells nothing of others.
func removals(facts *observed.Facts) []removal {
	all := []removal{
		{report.RemovedEvicted, "evicted_keys", func(c *record.Counters) int64 { return c.EvictedKeys }},
		{report.LossFlushed, "flushes", func(c *record.Counters) int64 { return c.Flushes }},
		{report.LossSlotsMoved, "slot_changes", func(c *record.Counters) int64 { return c.SlotChanges }},
	}
	if !facts.OwnTTL {
		all = append(all, removal{report.RemovedExpired, "expired_keys", func(c *record.Counters) int64 { return c.ExpiredKeys }})
	}
	return all
}

// removedBy puts a loss that no failover and no death explains down to what the masters of
// its shard count of what they removed since.
func removedBy(facts *observed.Facts, loss *report.Loss) {
	for _, r := range removals(facts) {
		for _, master := range facts.MastersIn(loss.Shard, observed.Period{From: loss.First, To: facts.End}) {
			at, by := risen(facts, master, loss.First, r.of)
			if by == 0 {
				continue
			}
			loss.Cause = r.cause
			loss.Evidence = append(loss.Evidence, report.Evidence{Kind: "counter", Moment: &at, Node: master, Name: r.name, Value: fmt.Sprintf("+%d", by)})
			if policy := facts.Started.Config["maxmemory-policy"]; r.cause == report.RemovedEvicted && policy != "" {
				loss.Evidence = append(loss.Evidence, observed.Directive("maxmemory-policy", policy))
			}
			return
		}
	}
}

// risen is by how much a counter of a node rose after a moment, and when it was first seen to
// have. Each start of a server begins at 0.
func risen(facts *observed.Facts, node string, after record.Millis, of func(*record.Counters) int64) (at record.Millis, by int64) {
	var last *record.Counters
	for _, e := range facts.Events {
		c, ok := e.Data.(*record.Counters)
		if !ok || c.Node != node {
			continue
		}
		rise := int64(0)
		switch {
		case last != nil && last.RunID == c.RunID:
			rise = of(c) - of(last)
		case last != nil:
			rise = of(c)
		}
		last = c
		if e.At <= after || rise <= 0 {
			continue
		}
		if by == 0 {
			at = e.At
		}
		by += rise
	}
	return at, by
}

// counted tells whether any server's counters are in the record.
func counted(facts *observed.Facts) bool {
	return slices.ContainsFunc(facts.Events, func(e record.Event) bool { return e.Data.Type() == (*record.Counters)(nil).Type() })
}

// setApart takes what the servers removed themselves out of a workload's lost writes.
func setApart(w *report.Writes, losses []report.Loss, counted bool) {
	if counted {
		w.Evicted, w.Expired = new(int64), new(int64)
	}
	for _, l := range losses {
		apart := map[report.Cause]*int64{report.RemovedEvicted: w.Evicted, report.RemovedExpired: w.Expired}[l.Cause]
		if apart == nil {
			w.Losses = append(w.Losses, l)
			continue
		}
		w.Removed = append(w.Removed, l)
		*apart += l.Count
		*w.Lost -= l.Count
		w.LostByShard[l.Shard] -= l.Count
		if w.LostByShard[l.Shard] == 0 {
			delete(w.LostByShard, l.Shard)
		}
	}
	if len(w.Removed) > 0 {
		w.LossWindow = report.WindowOf(w.Losses)
		ratio(w)
	}
}

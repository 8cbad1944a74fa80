package report

import (
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// removal is a counter of INFO by which elements go that no fault has lost.
type removal struct {
	cause Cause
	name  string // the counter's
	of    func(*record.Counters) int64
}

// removals are all of them. Where keys of the workloads themselves have a time to live, the
// count of expired ones tells nothing of others.
func (h *history) removals() []removal {
	all := []removal{
		{RemovedEvicted, "evicted_keys", func(c *record.Counters) int64 { return c.EvictedKeys }},
		{LossFlushed, "flushes", func(c *record.Counters) int64 { return c.Flushes }},
		{LossSlotsMoved, "slot_changes", func(c *record.Counters) int64 { return c.SlotChanges }},
	}
	if !h.ownTTL {
		all = append(all, removal{RemovedExpired, "expired_keys", func(c *record.Counters) int64 { return c.ExpiredKeys }})
	}
	return all
}

// removedBy puts a loss that no failover and no death explains down to what the masters of
// its shard count of what they removed since.
func (h *history) removedBy(loss *Loss) {
	for _, r := range h.removals() {
		for _, master := range h.mastersIn(loss.Shard, period{loss.FirstMS, h.end}) {
			at, by := h.risen(master, loss.FirstMS, r.of)
			if by == 0 {
				continue
			}
			loss.Cause = r.cause
			loss.Evidence = append(loss.Evidence, Evidence{Kind: "counter", MS: &at, Node: master, Name: r.name, Value: fmt.Sprintf("+%d", by)})
			if policy := h.started.Config["maxmemory-policy"]; r.cause == RemovedEvicted && policy != "" {
				loss.Evidence = append(loss.Evidence, directive("maxmemory-policy", policy))
			}
			return
		}
	}
}

// risen is by how much a counter of a node rose after a moment, and when it was first seen to
// have. Each start of a server begins at 0.
func (h *history) risen(node string, after float64, of func(*record.Counters) int64) (at float64, by int64) {
	var last *record.Counters
	for _, e := range h.events {
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
		if e.MS <= after || rise <= 0 {
			continue
		}
		if by == 0 {
			at = e.MS
		}
		by += rise
	}
	return at, by
}

// counted tells whether any server's counters are in the record.
func (h *history) counted() bool {
	return slices.ContainsFunc(h.events, func(e record.Event) bool { return e.Data.Type() == (*record.Counters)(nil).Type() })
}

// setApart takes what the servers removed themselves out of a workload's lost writes.
func (w *Writes) setApart(losses []Loss, counted bool) {
	if counted {
		w.Evicted, w.Expired = new(int64), new(int64)
	}
	for _, l := range losses {
		apart := map[Cause]*int64{RemovedEvicted: w.Evicted, RemovedExpired: w.Expired}[l.Cause]
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
		w.LossWindowMS = windowOf(w.Losses)
		w.ratio()
	}
}

// windowOf is from the first to the last ack of losses; nil without any.
func windowOf(losses []Loss) *[2]float64 {
	var window *[2]float64
	for _, l := range losses {
		if window == nil {
			window = &[2]float64{l.FirstMS, l.LastMS}
		}
		window[0], window[1] = min(window[0], l.FirstMS), max(window[1], l.LastMS)
	}
	return window
}

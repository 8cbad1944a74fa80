package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// uncovered is a time for which a shard had no master: from its being marked as failed to
// its replacement, or to its being seen well again.
type uncovered struct {
	shard    int
	slots    string
	from, to float64 // ms
}

func (u uncovered) evidence() Evidence {
	return Evidence{Kind: "uncovered", MS: &u.from, ForMS: new(u.to - u.from), Name: fmt.Sprintf("shard %d", u.shard), Value: u.slots}
}

func (u uncovered) overlap(from, to float64) float64 { return max(0, min(u.to, to)-max(u.from, from)) }

// uncoveredOf finds every time for which a shard had no master, in order.
func uncoveredOf(h *history) (all []uncovered) {
	for _, s := range h.started.Shards {
		master, from := s.Master, 0.0
		for _, c := range append(slices.DeleteFunc(slices.Clone(h.changes), func(c change) bool { return c.shard != s.Shard }), change{seen: h.observedUntil()}) {
			for from < c.seen {
				failed, ok := h.first(from, markedFailed(master))
				if !ok || failed >= c.seen {
					break
				}
				to := h.clearedBy(master, failed, c.seen)
				all = append(all, uncovered{s.Shard, s.Slots, failed, to})
				from = max(to, failed+logSlack)
			}
			master, from = c.to, c.seen
		}
	}
	slices.SortStableFunc(all, func(a, b uncovered) int { return cmp.Compare(a.from, b.from) })
	return all
}

// clearedBy is when the last node that had marked another one as failed saw it well again, or
// end: each node stops serving by its own view.
func (h *history) clearedBy(subject string, failed, end float64) float64 {
	marked := map[string]bool{}
	for _, e := range h.events {
		if e.MS >= end {
			break
		}
		switch d := e.Data.(type) {
		case *record.NodeFlag:
			if d.Subject != subject {
				continue
			}
			marked[d.Observer] = d.Flag == "fail"
		case *record.Reachable:
			if d.OK {
				continue
			}
			marked[d.Node] = false // and what it sees is not known any more
		default:
			continue
		}
		if e.MS > failed+observedLate*2 && !slices.Contains(slices.Collect(maps.Values(marked)), true) {
			return e.MS
		}
	}
	return end
}

// othersUncovered lists the times for which other shards had no master between two
// moments, if that stops all shards; those that overlap longest first.
func (h *history) othersUncovered(shard int, from, to float64) (others []uncovered) {
	if h.started.Config["cluster-require-full-coverage"] == "no" {
		return nil
	}
	for _, u := range h.bare {
		if u.shard != shard && u.overlap(from, to) > 0 {
			others = append(others, u)
		}
	}
	slices.SortStableFunc(others, func(a, b uncovered) int { return cmp.Compare(b.overlap(from, to), a.overlap(from, to)) })
	return others
}

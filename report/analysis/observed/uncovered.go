package observed

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// FullCoverage is cluster-require-full-coverage, which is yes where nothing is configured.
func (facts *Facts) FullCoverage() report.Evidence {
	return Directive("cluster-require-full-coverage", cmp.Or(facts.Started.Config["cluster-require-full-coverage"], "yes"))
}

// Evidence is what the record says of it.
func (u Uncovered) Evidence() report.Evidence {
	return report.Evidence{Kind: "uncovered", Moment: &u.From, For: new(u.To - u.From), Name: fmt.Sprintf("shard %d", u.Shard), Value: u.slots}
}

// Overlap is how much of a span it takes, in ms.
func (u Uncovered) Overlap(from, to record.Millis) record.Millis {
	return max(0, min(u.To, to)-max(u.From, from))
}

// uncoveredOf finds every time for which a shard had no master, in order.
func uncoveredOf(facts *Facts) (all []Uncovered) {
	for _, s := range facts.Started.Shards {
		master, from := s.Master, record.Millis(0)
		for _, c := range append(slices.DeleteFunc(slices.Clone(facts.Changes), func(c MasterChange) bool { return c.Shard != s.Shard }), MasterChange{Seen: facts.ObservedUntil()}) {
			for from < c.Seen {
				failed, ok := facts.First(from, MarkedFailed(master))
				if !ok || failed >= c.Seen {
					break
				}
				to := facts.clearedBy(master, failed, c.Seen)
				all = append(all, Uncovered{s.Shard, s.Slots, failed, to})
				from = max(to, failed+LogSlack)
			}
			master, from = c.To, c.Seen
		}
	}
	slices.SortStableFunc(all, func(a, b Uncovered) int { return cmp.Compare(a.From, b.From) })
	return all
}

// clearedBy is when the last node that had marked another one as failed saw it well again, or
// end: each node stops serving by its own view.
func (facts *Facts) clearedBy(subject string, failed, end record.Millis) record.Millis {
	marked := map[string]bool{}
	for _, e := range facts.Events {
		if e.At >= end {
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
		if e.At > failed+(SeenLate*2) && !slices.Contains(slices.Collect(maps.Values(marked)), true) {
			return e.At
		}
	}
	return end
}

// OthersUncovered lists the times for which other shards had no master between two
// moments, if that stops all shards; those that overlap longest first.
func (facts *Facts) OthersUncovered(shard int, from, to record.Millis) (others []Uncovered) {
	if facts.Started.Config["cluster-require-full-coverage"] == "no" {
		return nil
	}
	for _, u := range facts.Uncovered {
		if u.Shard != shard && u.Overlap(from, to) > 0 {
			others = append(others, u)
		}
	}
	slices.SortStableFunc(others, func(a, b Uncovered) int { return cmp.Compare(b.Overlap(from, to), a.Overlap(from, to)) })
	return others
}

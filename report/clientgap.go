package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// clientGap is the longest time between acked workload writes of a shard, up to
// the end of the last workload, or of the record of a run that was cut short; not ok if none
// ever was.
func (h *history) clientGap(shard int) (longest period, ok bool) {
	end := 0.0
	for _, d := range h.done {
		end = max(end, d.EndMS)
	}
	if h.ended == nil {
		end = max(end, h.observedUntil()-tailSlack)
	}
	until := 0.0
	see := func(next float64) {
		if next-until > longest.to-longest.from {
			longest = period{until, next}
		}
	}
	for _, r := range h.acks {
		if r.shard != shard {
			continue
		}
		if ok {
			see(r.from)
		}
		ok = true
		until = max(until, r.to)
	}
	if ok {
		see(end)
	}
	return longest, ok
}

// whyNoAcks says why applications had nothing acked on a shard for much longer than it took no
// writes: all clients of a workload were waiting for another shard.
func (h *history) whyNoAcks(shard int, gap period) []Finding {
	unavailable := 0.0
	for _, g := range h.gaps[shard] {
		unavailable += max(0, min(g.to, gap.to)-max(g.from, gap.from))
	}
	if gap.to-gap.from < unavailable+noticeableLag {
		return nil
	}
	var all []Evidence
	for _, e := range h.events {
		o, ok := e.Data.(*record.Occupied)
		if !ok || o.Shard == shard {
			continue
		}
		from, to := max(e.MS, gap.from), min(o.UntilMS, gap.to)
		if to <= from {
			continue
		}
		name := fmt.Sprintf("shard %d", o.Shard)
		if n := len(all); n > 0 && all[n-1].Name == name && all[n-1].Value == o.Workload && from-all[n-1].ms()-all[n-1].forMS() < noticeable {
			all[n-1].ForMS = new(to - all[n-1].ms())
			continue
		}
		all = append(all, Evidence{Kind: "occupied", MS: &from, ForMS: new(to - from), Name: name, Value: o.Workload})
	}
	if len(all) == 0 { // they may just not have had anything to write
		return nil
	}
	lasted := 0.0
	for _, e := range all {
		lasted += e.forMS()
	}
	if lasted < (gap.to-gap.from-unavailable)/2 {
		return []Finding{{Cause: CauseUnknown}}
	}
	slices.SortStableFunc(all, func(a, b Evidence) int { return cmp.Compare(b.forMS(), a.forMS()) })
	return []Finding{{Cause: OutageClientsOccupied, Evidence: all}}
}

// clientGapSentences tell of applications that had nothing acked on shards that took writes.
func clientGapSentences(r *Result) (sentences []string) {
	for _, cause := range []Cause{OutageClientsOccupied, CauseUnknown} {
		var shards []string
		longest, by := 0.0, Finding{}
		for _, s := range r.Shards {
			if len(s.Findings) == 0 || s.Findings[0].Cause != cause {
				continue
			}
			shards = append(shards, fmt.Sprint(s.Shard))
			if more := milliseconds(s.ClientGapMS) - milliseconds(s.LongestMS); more > longest {
				longest, by = more, s.Findings[0]
			}
		}
		if len(shards) == 0 {
			continue
		}
		text := fmt.Sprintf("On %s, applications had no write acked for up to %s longer than it was unavailable", shardsNamed(shards), Duration(longest))
		if len(shards) > 1 {
			text = fmt.Sprintf("On %s, applications had no write acked for up to %s longer than these were unavailable", shardsNamed(shards), Duration(longest))
		}
		if cause == CauseUnknown {
			sentences = append(sentences, text+"; the record does not show why.")
			continue
		}
		first := by.first("occupied")
		sentences = append(sentences, fmt.Sprintf("%s: all clients of workload %s were waiting for %s (dial_timeout, dialer_retries, read_timeout and max_redirects decide how long, clients how many can wait).", text, first.Value, first.Name))
	}
	return sentences
}

func shardsNamed(shards []string) string {
	if len(shards) == 1 {
		return "shard " + shards[0]
	}
	return "shards " + list(shards)
}

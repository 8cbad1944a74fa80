package outages

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// clientGap is the longest time between acked workload writes of a shard, up to
// the end of the last workload, or of the record of a run that was cut short; not ok if none
// ever was.
func clientGap(facts *observed.Facts, shard int) (longest observed.Period, ok bool) {
	end := record.Millis(0)
	for _, d := range facts.Done {
		end = max(end, d.End)
	}
	if facts.Ended == nil {
		end = max(end, facts.ObservedUntil()-observed.TailSlack)
	}
	until := record.Millis(0)
	see := func(next record.Millis) {
		if next-until > longest.To-longest.From {
			longest = observed.Period{From: until, To: next}
		}
	}
	for _, r := range facts.Acks {
		if r.Shard != shard {
			continue
		}
		if ok {
			see(r.From)
		}
		ok = true
		until = max(until, r.To)
	}
	if ok {
		see(end)
	}
	return longest, ok
}

// whyNoAcks says why applications had nothing acked on a shard for much longer than it took no
// writes: all clients of a workload were waiting for another shard.
func whyNoAcks(facts *observed.Facts, shard int, gap observed.Period) []report.Finding {
	unavailable := record.Millis(0)
	for _, g := range facts.Gaps[shard] {
		unavailable += max(0, min(g.To, gap.To)-max(g.From, gap.From))
	}
	if gap.To-gap.From < unavailable+report.NoticeableLag {
		return nil
	}
	var all []report.Evidence
	for _, e := range facts.Events {
		o, ok := e.Data.(*record.Occupied)
		if !ok || o.Shard == shard {
			continue
		}
		from, to := max(e.At, gap.From), min(o.Until, gap.To)
		if to <= from {
			continue
		}
		name := fmt.Sprintf("shard %d", o.Shard)
		if n := len(all); n > 0 && all[n-1].Name == name && all[n-1].Value == o.Workload && from-all[n-1].At()-all[n-1].Lasted() < report.Noticeable {
			all[n-1].For = new(to - all[n-1].At())
			continue
		}
		all = append(all, report.Evidence{Kind: "occupied", Moment: &from, For: new(to - from), Name: name, Value: o.Workload})
	}
	if len(all) == 0 { // they may just not have had anything to write
		return nil
	}
	lasted := record.Millis(0)
	for _, e := range all {
		lasted += e.Lasted()
	}
	if lasted < (gap.To-gap.From-unavailable)/2 {
		return []report.Finding{{Cause: report.CauseUnknown}}
	}
	slices.SortStableFunc(all, func(a, b report.Evidence) int { return cmp.Compare(b.Lasted(), a.Lasted()) })
	return []report.Finding{{Cause: report.OutageClientsOccupied, Evidence: all}}
}

package outages

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Shards tells of each shard for how long nobody took its writes.
func Shards(facts *observed.Facts) []report.Shard {
	shards := []report.Shard{}
	for _, s := range facts.Started.Shards {
		touched := slices.ContainsFunc(facts.Faults, func(f observed.Fault) bool { return slices.Contains(f.Shards, s.Shard) })
		shard := report.Shard{Shard: s.Shard, Slots: s.Slots, Collateral: !touched}
		if gaps, ok := facts.Gaps[s.Shard]; ok {
			silent := record.Millis(0)
			for _, g := range gaps {
				silent += silentIn(facts, s.Shard, g)
			}
			sum, longest := facts.BoundsOf(gaps)
			setFigure(&shard, &shard.Unavailable, "unavailable_ms", sum)
			setFigure(&shard, &shard.Longest, "longest_ms", longest)
			if len(shard.Bounds) == 0 {
				shard.Silent = &silent
			}
		}
		if gap, ok := clientGap(facts, s.Shard); ok {
			_, longest := facts.BoundsOf([]observed.Period{gap})
			setFigure(&shard, &shard.ClientGap, "client_gap_ms", longest)
			if shard.Collateral && shard.ClientGap != nil {
				shard.Findings = whyNoAcks(facts, s.Shard, gap)
			}
		}
		if times, ok := withoutMaster(facts, s.Shard); ok {
			sum, _ := facts.BoundsOf(times)
			setFigure(&shard, &shard.NoMaster, "no_master_ms", sum)
		}
		shard.AckedAfterFault = ackedAfterFault(facts, s.Shard)
		shards = append(shards, shard)
	}
	return shards
}

// setFigure gives a figure, or between what it is.
func setFigure(s *report.Shard, to **record.Millis, name string, bounds [2]record.Millis) {
	var apart *[2]record.Millis
	if *to, apart = observed.Bounded(bounds); apart != nil {
		if s.Bounds == nil {
			s.Bounds = map[string][2]record.Millis{}
		}
		s.Bounds[name] = *apart
	}
}

// withoutMaster is the times for which a shard had no master; not ok if no node was asked who owns
// it.
func withoutMaster(facts *observed.Facts, shard int) (times []observed.Period, ok bool) {
	_, ok = facts.First(0, func(d record.Data) bool {
		o, is := d.(*record.SlotOwner)
		return is && o.Shard == shard
	})
	for _, u := range facts.Uncovered {
		if u.Shard == shard {
			times = append(times, observed.Period{From: u.From, To: u.To})
		}
	}
	return times, ok
}

// ackedAfterFault tells whether a workload had a write on a shard acked after the first
// fault took hold; nil if none did, or if no workload had anything acked.
func ackedAfterFault(facts *observed.Facts, shard int) *bool {
	first := record.Millis(math.Inf(1))
	for _, f := range facts.Faults {
		if f.Effective != nil {
			first = min(first, *f.Effective)
		}
	}
	if math.IsInf(float64(first), 1) || len(facts.Acks) == 0 {
		return nil
	}
	after := slices.ContainsFunc(facts.Acks, func(a observed.Interval) bool { return a.Shard == shard && a.To > first })
	return &after
}

// silentIn is how much of a gap no node of the shard answered anything in.
func silentIn(facts *observed.Facts, shard int, gap observed.Period) (silent record.Millis) {
	until := gap.From
	for _, r := range facts.Rows {
		if r.Shard != shard || record.AnswerClass(r.Answer) == "silent" || r.Till < until || r.From > gap.To {
			continue
		}
		silent += max(0, r.From-until)
		until = max(until, r.Till)
	}
	return silent + max(0, gap.To-until)
}

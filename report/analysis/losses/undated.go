package losses

import (
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// undated are the lost writes of a workload of which it is known how many there are on each
// shard, and not which ones: a counter's. They are put down to the failovers and deaths of
// the shard, where all of these give one cause.
func undated(facts *observed.Facts, v *record.Verified, losses []report.Loss, d *record.WorkloadDone, failovers []report.Failover) (all []report.Loss) {
	left := maps.Clone(v.LostByShard)
	for _, l := range losses {
		left[l.Shard] -= l.Count
	}
	for _, shard := range slices.Sorted(maps.Keys(left)) {
		if left[shard] <= 0 {
			continue
		}
		loss := onlyCause(facts, shard, d, failovers)
		loss.Shard, loss.Count, loss.Undated = shard, left[shard], true
		loss.First, loss.Last = d.Start, d.End
		all = append(all, loss)
	}
	return all
}

// onlyCause is how acked writes of a workload on a shard can have been lost; unknown if there
// are several ways, or none.
func onlyCause(facts *observed.Facts, shard int, d *record.WorkloadDone, failovers []report.Failover) report.Loss {
	var found []report.Loss
	for _, a := range facts.Acks {
		if a.Workload != d.Name || a.Shard != shard {
			continue
		}
		for _, part := range ackedParts(facts, a, failovers) {
			l := whyLost(facts, part, failovers)
			same := func(o report.Loss) bool {
				return o.Cause == l.Cause && o.Node == l.Node && (o.Fault == nil) == (l.Fault == nil) && (o.Fault == nil || *o.Fault == *l.Fault)
			}
			if l.Cause != report.CauseUnknown && !slices.ContainsFunc(found, same) {
				found = append(found, l)
			}
		}
	}
	// Of a master that was cut off, what it acked before that and had not replicated is lost
	// with what it acked later.
	if i := slices.IndexFunc(found, func(l report.Loss) bool { return l.Cause == report.LossAckedWhileCutOff }); i >= 0 && len(found) == 2 {
		if o := found[1-i]; o.Cause == report.LossNotReplicated && o.Node == found[i].Node {
			found = found[i : i+1]
		}
	}
	// A planned failover has the replica catch up first.
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(l report.Loss) bool {
			return l.Cause == report.LossNotReplicated && l.Fault != nil && facts.Faults[*l.Fault].AsksMaster()
		})
	}
	if len(found) != 1 {
		return report.Loss{Finding: report.Finding{Cause: report.CauseUnknown}}
	}
	return found[0]
}

// ackedParts cuts a row of acks where failovers of its shard were caused: what was acked
// before that, right before it, and after it can have been lost in different ways.
func ackedParts(facts *observed.Facts, a observed.Interval, failovers []report.Failover) (parts []record.Loss) {
	cuts := []record.Millis{a.From, a.To}
	for _, f := range failovers {
		if f.Shard != a.Shard || f.OldMaster != a.Node {
			continue
		}
		for _, at := range []record.Millis{f.From - replicated, f.From + observed.SeenLate} {
			if at > a.From && at < a.To {
				cuts = append(cuts, at)
			}
		}
	}
	slices.Sort(cuts)
	for i := range cuts[1:] {
		parts = append(parts, record.Loss{Shard: a.Shard, Node: a.Node, First: cuts[i], Last: cuts[i+1]})
	}
	return parts
}

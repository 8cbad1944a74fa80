package report

import (
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// undated are the lost writes of a workload of which it is known how many there are on each
// shard, and not which ones: a counter's. They are put down to the failovers and deaths of
// the shard, where all of these give one cause.
func (h *history) undated(v *record.Verified, losses []Loss, d *record.WorkloadDone, failovers []Failover) (all []Loss) {
	left := maps.Clone(v.LostByShard)
	for _, l := range losses {
		left[l.Shard] -= l.Count
	}
	for _, shard := range slices.Sorted(maps.Keys(left)) {
		if left[shard] <= 0 {
			continue
		}
		loss := h.onlyCause(shard, d, failovers)
		loss.Shard, loss.Count, loss.Undated = shard, left[shard], true
		loss.FirstMS, loss.LastMS = d.StartMS, d.EndMS
		all = append(all, loss)
	}
	return all
}

// onlyCause is how acked writes of a workload on a shard can have been lost; unknown if there
// are several ways, or none.
func (h *history) onlyCause(shard int, d *record.WorkloadDone, failovers []Failover) Loss {
	var found []Loss
	for _, a := range h.acks {
		if a.workload != d.Name || a.shard != shard {
			continue
		}
		for _, part := range h.ackedParts(a, failovers) {
			l := h.whyLost(part, failovers)
			same := func(o Loss) bool {
				return o.Cause == l.Cause && o.Node == l.Node && (o.Fault == nil) == (l.Fault == nil) && (o.Fault == nil || *o.Fault == *l.Fault)
			}
			if l.Cause != CauseUnknown && !slices.ContainsFunc(found, same) {
				found = append(found, l)
			}
		}
	}
	// Of a master that was cut off, what it acked before that and had not replicated is lost
	// with what it acked later.
	if i := slices.IndexFunc(found, func(l Loss) bool { return l.Cause == LossAckedWhileCutOff }); i >= 0 && len(found) == 2 {
		if o := found[1-i]; o.Cause == LossNotReplicated && o.Node == found[i].Node {
			found = found[i : i+1]
		}
	}
	// A planned failover has the replica catch up first.
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(l Loss) bool {
			return l.Cause == LossNotReplicated && l.Fault != nil && h.faults[*l.Fault].asksMaster()
		})
	}
	if len(found) != 1 {
		return Loss{Finding: Finding{Cause: CauseUnknown}}
	}
	return found[0]
}

// ackedParts cuts a row of acks where failovers of its shard were caused: what was acked
// before that, right before it, and after it can have been lost in different ways.
func (h *history) ackedParts(a interval, failovers []Failover) (parts []record.Loss) {
	cuts := []float64{a.from, a.to}
	for _, f := range failovers {
		if f.Shard != a.shard || f.OldMaster != a.node {
			continue
		}
		for _, at := range []float64{f.FromMS - replicatedMS, f.FromMS + observedLate} {
			if at > a.from && at < a.to {
				cuts = append(cuts, at)
			}
		}
	}
	slices.Sort(cuts)
	for i := range cuts[1:] {
		parts = append(parts, record.Loss{Shard: a.shard, Node: a.node, FirstMS: cuts[i], LastMS: cuts[i+1]})
	}
	return parts
}

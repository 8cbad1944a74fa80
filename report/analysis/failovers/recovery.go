package failovers

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// firstAck is the first ack from the new master after the fault took hold, and before
// the shard changed its master once more. A row that had begun before belongs to the
// time when it was master already.
func firstAck(rows []observed.Interval, c observed.MasterChange, effective record.Millis, workload string) (at record.Millis, ok bool) {
	for _, r := range rows {
		if r.Shard == c.Shard && r.Node == c.To && r.From >= effective && r.From < c.Next && (workload == "" || r.Workload == workload) && (!ok || r.From < at) {
			at, ok = r.From, true
		}
	}
	return at, ok
}

// recoveries tells how each workload came through a failover.
func recoveries(facts *observed.Facts, c observed.MasterChange, f report.Failover) []report.Recovery {
	var all []report.Recovery
	for _, d := range seenWorkloads(facts) {
		if facts.IsAnywhere(d) {
			continue
		}
		r := report.Recovery{Workload: d.Name}
		if first, ok := firstAck(facts.Acks, c, f.From, d.Name); ok {
			since := first - f.From
			r.FirstAck, r.Recovery = &first, &since
			// The client may have gone on by so much sooner, and the shard was not open before.
			opened := max(0, report.OrZero(f.Promoted))
			unrun := facts.MissingIn(f.From, first)
			r.Recovery, r.RecoveryBounds = observed.Bounded([2]record.Millis{min(since, max(opened, since-unrun)), since})
			// A write that is acked only once replicas have it waits for those, too.
			if r.Recovery != nil && f.FirstWrite != nil && d.Wait == nil && d.WaitAOF == nil {
				library := max(0, since-*f.FirstWrite)
				r.Library = &library
			}
			r.LastAck = lastAckBefore(facts, d.Name, c.Shard, first)
			r.Awaited = true
			if until := facts.NextFault(first, d.End); facts.MissingIn(first, until) == 0 {
				silent := silentAfter(facts, d.Name, c.Shard, first, until)
				r.SilentAgain = &silent
			}
		} else {
			r.LastAck = lastAckBefore(facts, d.Name, c.Shard, c.Next)
			r.Awaited = r.LastAck != nil && f.FirstWrite != nil && d.End > f.From+*f.FirstWrite+report.NoticeableLag
			r.Never = r.Awaited && watchedAt(facts, d.End) && !ackedSince(facts, d.Name, c.Shard, c.Next)
		}
		for _, s := range d.Shards {
			if s.Shard != c.Shard {
				continue
			}
			r.Errors = errorsDuring(s.Errors, f.From, over(facts, c, f))
			if s.Stall != nil && s.Stall.Until >= f.From && facts.MissingIn(s.Stall.From, s.Stall.Until) == 0 {
				stall := s.Stall.Until - s.Stall.From
				r.Stall = &stall
			}
		}
		all = append(all, r)
	}
	return all
}

// ackedSince tells whether a workload had a write on a shard acked after a moment.
func ackedSince(facts *observed.Facts, workload string, shard int, ms record.Millis) bool {
	return slices.ContainsFunc(facts.Acks, func(a observed.Interval) bool { return a.Workload == workload && a.Shard == shard && a.To > ms })
}

// over is when what a shard's clients meet is no more of a failover: when the next fault
// after the change of master is requested, or the shard changes its master once more.
func over(facts *observed.Facts, c observed.MasterChange, f report.Failover) record.Millis {
	return facts.NextFault(max(f.From, c.Seen), c.Next)
}

// errorsDuring are the errors some of which lie between two moments, one count for each
// kind and outcome, the most frequent first.
func errorsDuring(all []record.ErrorCount, from, to record.Millis) []record.ErrorCount {
	var during []record.ErrorCount
	for _, e := range all {
		if e.Last < from || e.First >= to {
			continue
		}
		i := slices.IndexFunc(during, func(sum record.ErrorCount) bool { return sum.Kind == e.Kind && sum.Outcome == e.Outcome })
		if i < 0 {
			during = append(during, e)
		} else {
			during[i].Add(e)
		}
	}
	slices.SortStableFunc(during, func(a, b record.ErrorCount) int { return cmp.Compare(b.Count, a.Count) })
	return during
}

// seenWorkloads are the workloads that got to their end and, of a run that was cut
// short, those of which there is nothing but acks.
func seenWorkloads(facts *observed.Facts) []*record.WorkloadDone {
	all := slices.Clone(facts.Done)
	for _, r := range facts.Acks {
		if !slices.ContainsFunc(all, func(d *record.WorkloadDone) bool { return d.Name == r.Workload }) {
			all = append(all, &record.WorkloadDone{Name: r.Workload, End: facts.End})
		}
	}
	return all
}

// lastAckBefore is the last ack of a workload on a shard before a moment.
func lastAckBefore(facts *observed.Facts, workload string, shard int, before record.Millis) *record.Millis {
	var last *record.Millis
	for _, r := range facts.Acks {
		if r.Workload == workload && r.Shard == shard && r.From < before {
			to := min(r.To, before)
			if last == nil || to > *last {
				last = &to
			}
		}
	}
	return last
}

// silentAfter is the longest time without an ack of a workload on a shard
// between two moments, at the first of which there was one.
func silentAfter(facts *observed.Facts, workload string, shard int, from, to record.Millis) (longest record.Millis) {
	until := from
	for _, r := range facts.Acks {
		if r.Workload != workload || r.Shard != shard || r.To < from {
			continue
		}
		longest = max(longest, min(r.From, to)-until)
		until = max(until, r.To)
	}
	return max(longest, to-until)
}

// watchedAt tells whether this program was run shortly before a moment of a run that got to its
// end: what had not come by then would have been seen.
func watchedAt(facts *observed.Facts, ms record.Millis) bool {
	return facts.Ended != nil && facts.MissingIn(ms-report.NoticeableLag, ms) == 0
}

package report

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// firstAck is the first ack from the new master after the fault took hold, and before
// the shard changed its master once more. A row that had begun before belongs to the
// time when it was master already.
func firstAck(rows []interval, c change, effective float64, workload string) (at float64, ok bool) {
	for _, r := range rows {
		if r.shard == c.shard && r.node == c.to && r.from >= effective && r.from < c.next && (workload == "" || r.workload == workload) && (!ok || r.from < at) {
			at, ok = r.from, true
		}
	}
	return at, ok
}

// recoveries tells how each workload came through a failover.
func (h *history) recoveries(c change, f Failover) []Recovery {
	var all []Recovery
	for _, d := range h.seenWorkloads() {
		if h.isAnywhere(d) {
			continue
		}
		r := Recovery{Workload: d.Name}
		if first, ok := firstAck(h.acks, c, f.FromMS, d.Name); ok {
			since := first - f.FromMS
			r.FirstAckMS, r.RecoveryMS = &first, &since
			// The client may have gone on by so much sooner, and the shard was not open before.
			opened := max(0, milliseconds(f.PromotedMS))
			unrun := h.missingIn(f.FromMS, first)
			r.RecoveryMS, r.RecoveryBoundsMS = bounded([2]float64{min(since, max(opened, since-unrun)), since})
			// A write that is acked only once replicas have it waits for those, too.
			if r.RecoveryMS != nil && f.FirstWriteMS != nil && d.Wait == nil && d.WaitAOF == nil {
				library := max(0, since-*f.FirstWriteMS)
				r.LibraryMS = &library
			}
			r.LastAckMS = h.lastAckBefore(d.Name, c.shard, first)
			r.Awaited = true
			if until := h.nextFault(first, d.EndMS); h.missingIn(first, until) == 0 {
				silent := h.silentAfter(d.Name, c.shard, first, until)
				r.SilentAgainMS = &silent
			}
		} else {
			r.LastAckMS = h.lastAckBefore(d.Name, c.shard, c.next)
			r.Awaited = r.LastAckMS != nil && f.FirstWriteMS != nil && d.EndMS > f.FromMS+*f.FirstWriteMS+noticeableLag
			r.Never = r.Awaited && h.watchedAt(d.EndMS) && !h.ackedSince(d.Name, c.shard, c.next)
		}
		for _, s := range d.Shards {
			if s.Shard != c.shard {
				continue
			}
			r.Errors = errorsDuring(s.Errors, f.FromMS, h.over(c, f))
			if s.Stall != nil && s.Stall.UntilMS >= f.FromMS && h.missingIn(s.Stall.FromMS, s.Stall.UntilMS) == 0 {
				stall := s.Stall.UntilMS - s.Stall.FromMS
				r.StallMS = &stall
			}
		}
		all = append(all, r)
	}
	return all
}

// ackedSince tells whether a workload had a write on a shard acked after a moment.
func (h *history) ackedSince(workload string, shard int, ms float64) bool {
	return slices.ContainsFunc(h.acks, func(a interval) bool { return a.workload == workload && a.shard == shard && a.to > ms })
}

// over is when what a shard's clients meet is no more of a failover: when the next fault
// after the change of master is requested, or the shard changes its master once more.
func (h *history) over(c change, f Failover) float64 {
	return h.nextFault(max(f.FromMS, c.seen), c.next)
}

// errorsDuring are the errors some of which lie between two moments, one count for each
// kind and outcome, the most frequent first.
func errorsDuring(all []record.ErrorCount, from, to float64) []record.ErrorCount {
	var during []record.ErrorCount
	for _, e := range all {
		if e.LastMS < from || e.FirstMS >= to {
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
func (h *history) seenWorkloads() []*record.WorkloadDone {
	all := slices.Clone(h.done)
	for _, r := range h.acks {
		if !slices.ContainsFunc(all, func(d *record.WorkloadDone) bool { return d.Name == r.workload }) {
			all = append(all, &record.WorkloadDone{Name: r.workload, EndMS: h.end})
		}
	}
	return all
}

// slowestOf is the longest that a workload took to reach the new master, of those that
// wrote to the shard before and went on. It is nil with the reason where one of them
// never did, and with bounds where one did at a time that is not known.
func slowestOf(clients []Recovery, master string) (slowest *float64, bounds *[2]float64, missing Reason) {
	if i := slices.IndexFunc(clients, func(r Recovery) bool { return r.Never }); i >= 0 {
		return nil, nil, clients[i].unreached(master)
	}
	var most [2]float64
	reached, exact := false, true
	for _, r := range clients {
		of := r.RecoveryBoundsMS
		switch {
		case !r.Awaited:
			continue
		case r.RecoveryMS != nil:
			of = &[2]float64{*r.RecoveryMS, *r.RecoveryMS}
		case of == nil:
			return nil, nil, r.unreached(master)
		default:
			exact = false
		}
		reached = true
		most = [2]float64{max(most[0], of[0]), max(most[1], of[1])}
	}
	switch {
	case !reached:
		return nil, nil, Reason{Why: WhyNoWriteAcked, Node: master}
	case exact:
		return &most[1], nil, Reason{}
	default:
		return nil, &most, Reason{Why: WhyNotRunThen}
	}
}

func (r Recovery) unreached(master string) Reason {
	return Reason{Why: WhyNotReached, Workload: r.Workload, Node: master}
}

// lastAckBefore is the last ack of a workload on a shard before a moment.
func (h *history) lastAckBefore(workload string, shard int, before float64) *float64 {
	var last *float64
	for _, r := range h.acks {
		if r.workload == workload && r.shard == shard && r.from < before {
			to := min(r.to, before)
			if last == nil || to > *last {
				last = &to
			}
		}
	}
	return last
}

// silentAfter is the longest time without an ack of a workload on a shard
// between two moments, at the first of which there was one.
func (h *history) silentAfter(workload string, shard int, from, to float64) (longest float64) {
	until := from
	for _, r := range h.acks {
		if r.workload != workload || r.shard != shard || r.to < from {
			continue
		}
		longest = max(longest, min(r.from, to)-until)
		until = max(until, r.to)
	}
	return max(longest, to-until)
}

// nextFault is when the next fault after a moment was requested, or end.
func (h *history) nextFault(after, end float64) float64 {
	at, ok := h.first(after, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && f.Phase == record.FaultRequested
	})
	if ok {
		return min(at, end)
	}
	return end
}

// slowestRecovery is the longest that a workload took to reach a new master.
func slowestRecovery(workload string, failovers []Failover) *float64 {
	var slowest *float64
	for _, f := range failovers {
		if f.Origin == OriginNone {
			continue
		}
		i := slices.IndexFunc(f.Clients, func(r Recovery) bool { return r.Workload == workload })
		if i < 0 || f.Clients[i].RecoveryMS == nil {
			return nil // one shard that was not reached again, or nobody knows when, leaves the slowest unknown
		}
		if since := *f.Clients[i].RecoveryMS; slowest == nil || since > *slowest {
			slowest = &since
		}
	}
	return slowest
}

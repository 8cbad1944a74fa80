package figures

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// doubleHolds is the number of double holds of all workloads, and the longest in
// ms; nil with the reason if nobody judged them, or held any.
func doubleHolds(r *report.Result) (count, longest *record.Millis, missing report.Reason) {
	var acquired int64
	for _, w := range r.Workloads {
		if w.Locks == nil {
			if w.Type == "lock" {
				return nil, nil, report.Reason{Why: report.WhyLocksUnjudged}
			}
			continue
		}
		if count == nil {
			count, longest = new(record.Millis(0.0)), new(record.Millis(0.0))
		}
		*count += record.Millis(w.Locks.DoubleHolds)
		*longest = max(*longest, w.Locks.Longest)
		acquired += w.Locks.Acquired
	}
	switch {
	case count == nil:
		return nil, nil, report.Reason{Why: report.WhyLocksUnjudged}
	case acquired == 0:
		return nil, nil, report.Reason{Why: report.WhyNoLockAcquired}
	default:
		return count, longest, report.Reason{}
	}
}

// linearizable is whether all histories are; nil with the reason if that is not
// known of one, and none is known not to be.
func linearizable(r *report.Result) (*float64, report.Reason) {
	checked, unknown := false, report.Reason{}
	for _, w := range r.Workloads {
		l := w.Linearizability
		switch {
		case l == nil && w.Type == "linearizable":
			unknown = report.Reason{Why: report.WhyUnchecked, Workload: w.Name}
		case l == nil:
		case l.Verdict == record.LinearizabilityViolated:
			return new(0.0), report.Reason{}
		case l.Verdict == record.LinearizabilityUnknown:
			unknown = report.Reason{Why: report.WhyUndecided, Workload: w.Name, Text: l.Reason}
		case l.Reads+l.Writes+l.CAS == 0:
			unknown = report.Reason{Why: report.WhyNotAnswered, Workload: w.Name}
		default:
			checked = true
		}
	}
	switch {
	case unknown.Why != "":
		return nil, unknown
	case !checked:
		return nil, report.Reason{Why: report.WhyNoneChecked}
	default:
		return new(1.0), report.Reason{}
	}
}

// missedMessages is what subscribers missed while they were connected.
func missedMessages(r *report.Result) (*float64, report.Reason) {
	var sum, acked *int64
	for _, w := range r.Workloads {
		if w.Type == "pubsub" && w.Heard == nil {
			return nil, report.Reason{Why: report.WhyNotHeard}
		}
		if w.Heard != nil {
			for _, s := range w.Heard.Subscribers {
				sum, acked = total(sum, s.MissedConnected), total(acked, s.Acked)
			}
		}
	}
	if acked != nil && *acked == 0 {
		return nil, report.Reason{Why: report.WhyNoMessageAcked}
	}
	return asNumber(sum), report.Reason{Why: report.WhyNobodySubscribed}
}

// ofGroups is a figure of all consumer groups in sum.
func ofGroups(r *report.Result, figure func(record.Group) *int64) (*float64, report.Reason) {
	var sum *int64
	for _, w := range r.Workloads {
		if w.Consumed == nil {
			continue
		}
		for _, g := range w.Consumed.Groups {
			n := figure(g)
			if n == nil {
				return nil, report.Reason{Why: report.WhyGroupUnread, Group: g.Group, Workload: w.Name, Text: g.Error}
			}
			sum = total(sum, *n)
		}
		if w.Writes.Acked == 0 {
			return nil, report.Reason{Why: report.WhyNoEntryAcked, Workload: w.Name}
		}
	}
	return asNumber(sum), report.Reason{Why: report.WhyNotConsumed}
}

func total(a *int64, b int64) *int64 { return report.Sum(a, &b) }

func asNumber(n *int64) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// ofReads is the number of stale reads of all workloads; nil with the reason if one did not
// get to its end, or if none was answered.
func ofReads(r *report.Result) (*float64, report.Reason) {
	var answered int64
	for _, w := range r.Workloads {
		if w.Reads != nil {
			answered += w.Reads.OK
		}
	}
	switch {
	case r.StaleReads == nil:
		return nil, report.Reason{Why: report.WhyReadsUnfinished}
	case answered == 0:
		return nil, report.Reason{Why: report.WhyNoReadAnswered}
	default:
		return asNumber(r.StaleReads), report.Reason{}
	}
}

package figures

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// IncidentsMetric is the expectation about incidents. A scenario without it expects none, and
// failovers that come of some are not counted to it: with it, they are its own.
const IncidentsMetric = "incidents"

// metric is the figure that an expectation is about; nil with the reason why
// there is none.
func metric(name string, r *report.Result) (*float64, report.Reason) {
	switch name {
	case IncidentsMetric:
		return new(float64(len(r.Incidents))), report.Reason{}
	case "skipped_faults":
		return new(float64(skipped(r.Faults))), report.Reason{}
	case "failovers":
		return new(float64(len(r.Failovers))), report.Reason{}
	case "failover_time":
		return slowest(r, "first_write_ms", func(f report.Failover) *record.Millis { return f.FirstWrite })
	case "client_recovery":
		return slowest(r, "client_recovery_ms", func(f report.Failover) *record.Millis { return f.ClientRecovery })
	case "failed_ratio":
		return ofAttempted(r, r.Writes.Failed+r.Writes.Indeterminate)
	case "availability":
		return ofAttempted(r, r.Writes.Acked)
	case "latency_p50":
		return slowestLatency(r, func(l record.Latency) record.Millis { return l.P50 })
	case "latency_p95":
		return slowestLatency(r, func(l record.Latency) record.Millis { return l.P95 })
	case "latency_p99":
		return slowestLatency(r, func(l record.Latency) record.Millis { return l.P99 })
	case "latency_p999":
		return slowestLatency(r, func(l record.Latency) record.Millis { return l.P999 })
	case "latency_max":
		return slowestLatency(r, func(l record.Latency) record.Millis { return l.Max })
	case "split_brain":
		if len(r.Failovers) == 0 {
			return new(0.0), report.Reason{}
		}
		return slowest(r, "split_brain_ms", func(f report.Failover) *record.Millis { return f.SplitBrain })
	case "unavailable":
		return worstShard(r, func(s report.Shard) *record.Millis { return s.Unavailable })
	case "longest_outage":
		return worstShard(r, func(s report.Shard) *record.Millis { return s.Longest })
	case "longest_split_brain":
		if len(r.Failovers) == 0 {
			return new(0.0), report.Reason{}
		}
		return slowest(r, "split_brain_ms", func(f report.Failover) *record.Millis { return f.SplitBrainLongest })
	case "evicted":
		return countOf(r.Writes.Evicted, uncounted(r.Writes))
	case "expired":
		return countOf(r.Writes.Expired, uncounted(r.Writes))
	case "lost_writes":
		return ofAcked(r, asNumber(r.Writes.Lost))
	case "lost_ratio":
		return ofAcked(r, r.Writes.LostRatio)
	case "loss_window":
		switch {
		case r.Writes.Lost == nil:
			return nil, r.Writes.Unread()
		case r.Writes.LostUndated():
			return nil, report.Reason{Why: report.WhyUndated}
		case r.Writes.LossWindow == nil:
			return new(0.0), report.Reason{}
		default:
			return (*float64)(new(r.Writes.LossWindow[1] - r.Writes.LossWindow[0])), report.Reason{}
		}
	case "duplicated":
		return countOf(r.Writes.Duplicated, r.Writes.Unread())
	case "out_of_order":
		return countOf(r.Writes.OutOfOrder, r.Writes.Unread())
	case "stale_reads":
		return ofReads(r)
	case "missed_messages":
		return missedMessages(r)
	case "redelivered":
		return ofGroups(r, func(g record.Group) *int64 { n := g.RedeliveredAfterAck + g.RedeliveredUnacked; return &n })
	case "undelivered":
		return ofGroups(r, func(g record.Group) *int64 { return g.Undelivered })
	case "double_holds":
		count, _, missing := doubleHolds(r)
		return (*float64)(count), missing
	case "double_held":
		_, longest, missing := doubleHolds(r)
		return (*float64)(longest), missing
	case "linearizable":
		return linearizable(r)
	case "recovered":
		if r.Recovered == nil {
			return nil, report.Reason{Why: report.WhyNotThatFar}
		}
		if *r.Recovered {
			return new(1.0), report.Reason{}
		}
		return new(0.0), report.Reason{}
	default:
		return nil, report.Reason{Why: report.WhyNoFigure}
	}
}

// skipped counts the faults that were left out.
func skipped(faults []report.Fault) (n int) {
	for _, f := range faults {
		if f.Skipped != "" {
			n++
		}
	}
	return n
}

// ofAcked is a figure of acked writes: where there are none, nothing is shown by it.
func ofAcked(r *report.Result, figure *float64) (*float64, report.Reason) {
	if r.Writes.Judged == 0 {
		return nil, report.Reason{Why: report.WhyNoAckedWrites}
	}
	return figure, r.Writes.Unread()
}

// ofAttempted is the share that a number of operations is of all.
func ofAttempted(r *report.Result, n int64) (*float64, report.Reason) {
	if r.Writes.Attempted == 0 {
		return nil, report.Reason{Why: report.WhyNothingAttempted}
	}
	for _, w := range r.Workloads {
		if why, ok := w.Reasons[report.FailedRatio]; ok {
			return nil, why
		}
	}
	return new(float64(n) / float64(r.Writes.Attempted)), report.Reason{}
}

// slowestLatency is the largest figure of all workloads.
func slowestLatency(r *report.Result, figure func(record.Latency) record.Millis) (*float64, report.Reason) {
	var slowest *record.Millis
	for _, w := range r.Workloads {
		if why, ok := w.Reasons["latency_ms"]; ok {
			return nil, why
		}
		if w.Latency == nil {
			return nil, report.Reason{Why: report.WhyNothingAcked, Workload: w.Name}
		}
		if ms := figure(*w.Latency); slowest == nil || ms > *slowest {
			slowest = &ms
		}
	}
	return (*float64)(slowest), report.Reason{Why: report.WhyNoneFinished}
}

// worstShard is the largest figure of all shards.
func worstShard(r *report.Result, figure func(report.Shard) *record.Millis) (*float64, report.Reason) {
	var worst *record.Millis
	for _, s := range r.Shards {
		ms := figure(s)
		if ms == nil {
			return nil, unobserved(s)
		}
		if worst == nil || *ms > *worst {
			worst = ms
		}
	}
	return (*float64)(worst), report.Reason{Why: report.WhyNoRecordedProbes}
}

// uncounted is why it is not known what the servers removed themselves.
func uncounted(w report.Writes) report.Reason {
	reason := w.Unread()
	reason.Why = report.WhyUncounted
	return reason
}

// countOf is a count that may not be known, and then why.
func countOf(n *int64, missing report.Reason) (*float64, report.Reason) {
	if n == nil {
		return nil, missing
	}
	return new(float64(*n)), report.Reason{}
}

// slowest is the largest figure of all failovers.
func slowest(r *report.Result, name string, figure func(report.Failover) *record.Millis) (*float64, report.Reason) {
	if len(r.Failovers) == 0 && len(r.Incidents) > 0 {
		return nil, report.Reason{Why: report.WhyNoFailoverOfOurs}
	}
	if len(r.Failovers) == 0 {
		return nil, report.Reason{Why: report.WhyNoFailover}
	}
	var longest *record.Millis
	for _, f := range r.Failovers {
		ms := figure(f)
		if ms == nil {
			return nil, f.Reasons[name].On(f.Shard)
		}
		if longest == nil || *ms > *longest {
			longest = ms
		}
	}
	return (*float64)(longest), report.Reason{}
}

// unobserved is why it is not known for how long the shard took no writes.
func unobserved(s report.Shard) report.Reason {
	if len(s.Bounds) > 0 {
		return report.Reason{Why: report.WhyShardNotObserved, Shard: &s.Shard}
	}
	return report.Reason{Why: report.WhyShardNotAcked, Shard: &s.Shard}
}

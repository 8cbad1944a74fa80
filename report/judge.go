package report

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// judge holds every expectation against what was measured. One whose figure was
// not measured does not hold. That there were no incidents is expected by itself.
func judge(s *scenarios.Scenario, r *Result) []Expectation {
	judged := []Expectation{}
	ours := r.ours()
	for _, e := range s.Expect {
		judged = append(judged, judgeOne(e, ours))
	}
	if len(r.Incidents) > 0 && !r.TakesIncidents {
		judged = append(judged, Expectation{Name: incidentsMetric, Want: "== 0", Got: int64(len(r.Incidents))})
	}
	return judged
}

// incidentsMetric is the expectation about incidents. A scenario without it expects none, and
// failovers that come of some are not counted to it: with it, they are its own.
const incidentsMetric = "incidents"

func judgeOne(e scenarios.Expectation, r *Result) Expectation {
	j := Expectation{Name: e.Name(), Want: e.Want}
	if e.Workload != "" {
		one, ok := ofWorkload(r, e.Workload)
		if !ok {
			j.Reason = &Reason{Why: WhyUnfinished, Workload: e.Workload}
			return j
		}
		r = one
	}
	if e.Metric.Unit == scenarios.UnitCauses {
		judgeCauses(&j, e, r)
		return j
	}
	got, missing := metric(e.Metric.Name, r)
	if got != nil {
		j.OK, j.Got = e.Holds(*got), valueOf(*got, e.Metric.Unit)
		return j
	}
	if j.Between = metricBounds(e.Metric.Name, r); j.Between != nil {
		j.OK = e.Holds(j.Between[0]) && e.Holds(j.Between[1])
		return j
	}
	j.Reason = &missing
	return j
}

// valueOf is a figure in its unit, for result.json.
func valueOf(v float64, unit scenarios.Unit) any {
	switch unit {
	case scenarios.UnitMillis, scenarios.UnitRatio:
		return v
	case scenarios.UnitBool:
		return v == 1
	default:
		return int64(v)
	}
}

// ofWorkload is the result as if there were no other workload; not ok if this one did
// not get to its end.
func ofWorkload(r *Result, name string) (one *Result, ok bool) {
	i := slices.IndexFunc(r.Workloads, func(w Workload) bool { return w.Name == name })
	if i < 0 {
		return nil, false
	}
	w := r.Workloads[i]
	narrowed := *r
	narrowed.Workloads, narrowed.Writes, narrowed.StaleReads = []Workload{w}, w.Writes, nil
	if w.Reads != nil {
		narrowed.StaleReads = &w.Reads.Stale
	}
	narrowed.Failovers = nil
	for _, f := range r.Failovers {
		narrowed.Failovers = append(narrowed.Failovers, f.seenBy(name))
	}
	return &narrowed, true
}

// seenBy is a failover as if there were no other workload.
func (f Failover) seenBy(workload string) Failover {
	if f.Origin == OriginNone {
		return f // which says why there is no time to tell
	}
	f.Clients = slices.DeleteFunc(slices.Clone(f.Clients), func(c Recovery) bool { return c.Workload != workload })
	f.Reasons, f.Bounds = map[string]Reason{}, nil
	f.Never = slices.DeleteFunc(slices.Clone(f.Never), func(field string) bool { return field == "client_recovery_ms" })
	f.recovered()
	return f
}

// metric is the figure that an expectation is about; nil with the reason why
// there is none.
func metric(name string, r *Result) (*float64, Reason) {
	switch name {
	case incidentsMetric:
		return new(float64(len(r.Incidents))), Reason{}
	case "failovers":
		return new(float64(len(r.Failovers))), Reason{}
	case "failover_time":
		return slowest(r, "first_write_ms", func(f Failover) *float64 { return f.FirstWriteMS })
	case "client_recovery":
		return slowest(r, "client_recovery_ms", func(f Failover) *float64 { return f.ClientRecoveryMS })
	case "failed_ratio":
		return ofAttempted(r, r.Writes.Failed+r.Writes.Indeterminate)
	case "availability":
		return ofAttempted(r, r.Writes.Acked)
	case "latency_p50":
		return slowestLatency(r, func(l record.Latency) float64 { return l.P50 })
	case "latency_p95":
		return slowestLatency(r, func(l record.Latency) float64 { return l.P95 })
	case "latency_p99":
		return slowestLatency(r, func(l record.Latency) float64 { return l.P99 })
	case "latency_p999":
		return slowestLatency(r, func(l record.Latency) float64 { return l.P999 })
	case "latency_max":
		return slowestLatency(r, func(l record.Latency) float64 { return l.Max })
	case "split_brain":
		if len(r.Failovers) == 0 {
			return new(0.0), Reason{}
		}
		return slowest(r, "split_brain_ms", func(f Failover) *float64 { return f.SplitBrainMS })
	case "unavailable":
		return worstShard(r, func(s Shard) *float64 { return s.UnavailableMS })
	case "longest_outage":
		return worstShard(r, func(s Shard) *float64 { return s.LongestMS })
	case "longest_split_brain":
		if len(r.Failovers) == 0 {
			return new(0.0), Reason{}
		}
		return slowest(r, "split_brain_ms", func(f Failover) *float64 { return f.SplitBrainLongestMS })
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
			return nil, r.Writes.unread()
		case r.Writes.lostUndated():
			return nil, Reason{Why: WhyUndated}
		case r.Writes.LossWindowMS == nil:
			return new(0.0), Reason{}
		default:
			return new(r.Writes.LossWindowMS[1] - r.Writes.LossWindowMS[0]), Reason{}
		}
	case "duplicated":
		return countOf(r.Writes.Duplicated, r.Writes.unread())
	case "out_of_order":
		return countOf(r.Writes.OutOfOrder, r.Writes.unread())
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
		return count, missing
	case "double_held":
		_, longest, missing := doubleHolds(r)
		return longest, missing
	case "linearizable":
		return linearizable(r)
	case "recovered":
		if r.Recovered == nil {
			return nil, Reason{Why: WhyNotThatFar}
		}
		if *r.Recovered {
			return new(1.0), Reason{}
		}
		return new(0.0), Reason{}
	default:
		return nil, Reason{Why: WhyNoFigure}
	}
}

// ofAcked is a figure of acked writes: where there are none, nothing is shown by it.
func ofAcked(r *Result, figure *float64) (*float64, Reason) {
	if r.Writes.Judged == 0 {
		return nil, Reason{Why: WhyNoAckedWrites}
	}
	return figure, r.Writes.unread()
}

// ofAttempted is the share that a number of operations is of all.
func ofAttempted(r *Result, n int64) (*float64, Reason) {
	if r.Writes.Attempted == 0 {
		return nil, Reason{Why: WhyNothingAttempted}
	}
	for _, w := range r.Workloads {
		if why, ok := w.Reasons[failedRatio]; ok {
			return nil, why
		}
	}
	return new(float64(n) / float64(r.Writes.Attempted)), Reason{}
}

// slowestLatency is the largest figure of all workloads.
func slowestLatency(r *Result, figure func(record.Latency) float64) (*float64, Reason) {
	var slowest *float64
	for _, w := range r.Workloads {
		if why, ok := w.Reasons["latency_ms"]; ok {
			return nil, why
		}
		if w.LatencyMS == nil {
			return nil, Reason{Why: WhyNothingAcked, Workload: w.Name}
		}
		if ms := figure(*w.LatencyMS); slowest == nil || ms > *slowest {
			slowest = &ms
		}
	}
	return slowest, Reason{Why: WhyNoneFinished}
}

// worstShard is the largest figure of all shards.
func worstShard(r *Result, figure func(Shard) *float64) (*float64, Reason) {
	var worst *float64
	for _, s := range r.Shards {
		ms := figure(s)
		if ms == nil {
			return nil, s.unobserved()
		}
		if worst == nil || *ms > *worst {
			worst = ms
		}
	}
	return worst, Reason{Why: WhyNoRecordedProbes}
}

// uncounted is why it is not known what the servers removed themselves.
func uncounted(w Writes) Reason {
	reason := w.unread()
	reason.Why = WhyUncounted
	return reason
}

// countOf is a count that may not be known, and then why.
func countOf(n *int64, missing Reason) (*float64, Reason) {
	if n == nil {
		return nil, missing
	}
	return new(float64(*n)), Reason{}
}

// slowest is the largest figure of all failovers.
func slowest(r *Result, name string, figure func(Failover) *float64) (*float64, Reason) {
	if len(r.Failovers) == 0 && len(r.Incidents) > 0 {
		return nil, Reason{Why: WhyNoFailoverOfOurs}
	}
	if len(r.Failovers) == 0 {
		return nil, Reason{Why: WhyNoFailover}
	}
	var longest *float64
	for _, f := range r.Failovers {
		ms := figure(f)
		if ms == nil {
			return nil, f.Reasons[name].on(f.Shard)
		}
		if longest == nil || *ms > *longest {
			longest = ms
		}
	}
	return longest, Reason{}
}

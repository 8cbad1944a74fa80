package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// judge holds every expectation against what was measured. One whose figure was
// not measured does not hold. That there were no incidents is expected by itself.
func judge(s *scenarios.Scenario, r *Result) []Expectation {
	judged := []Expectation{}
	ours := r.ours()
	for _, e := range s.Expect {
		j := judgeOne(e, ours)
		if more := len(r.Failovers) - len(ours.Failovers); e.Metric.Name == "failovers" && more > 0 {
			j.Shown += fmt.Sprintf(" (%d more came of incidents)", more)
		}
		judged = append(judged, j)
	}
	if len(r.Incidents) > 0 && !r.TakesIncidents {
		judged = append(judged, Expectation{Name: incidentsMetric, Want: "== 0", Got: int64(len(r.Incidents)), Shown: fmt.Sprintf("%d: %s", len(r.Incidents), strings.Join(incidentsShown(r), ", "))})
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
			j.Shown = fmt.Sprintf("not measured: workload %s did not get to its end", e.Workload)
			return j
		}
		r = one
	}
	if e.Metric.Unit == scenarios.UnitCauses {
		judgeCauses(&j, e, r)
		return j
	}
	got, missing := metric(e.Metric.Name, r)
	if got == nil {
		if j.Between = metricBounds(e.Metric.Name, r); j.Between != nil {
			j.OK = e.Holds(j.Between[0]) && e.Holds(j.Between[1])
			j.Shown = fmt.Sprintf("between %s and %s, because this program was not run all the time", Duration(j.Between[0]), Duration(j.Between[1]))
			return j
		}
		j.Shown = "not measured: " + missing
		return j
	}
	j.OK = e.Holds(*got)
	j.Got, j.Shown = shown(*got, e.Metric.Unit)
	if name := e.Metric.Name; name == "lost_writes" || name == "lost_ratio" {
		j.Shown += notShown(r) + notWritten(r)
	}
	return j
}

// notShown says of which shards no loss could be found, because no workload had a write
// acked there after a fault had taken hold.
func notShown(r *Result) string {
	var hit int
	for _, f := range r.Faults {
		if f.EffectiveMS != nil {
			hit++
		}
	}
	var shards []string
	for _, s := range r.Shards {
		if !s.ackedAfterFault() {
			shards = append(shards, fmt.Sprint(s.Shard))
		}
	}
	if hit == 0 || len(shards) == 0 {
		return ""
	}
	which, of, fault := "shard", "it", "the fault"
	if len(shards) > 1 {
		which, of = "shards", "them"
	}
	if hit > 1 {
		fault = "the first fault"
	}
	return fmt.Sprintf(" (%s %s had no acked write after %s: nothing is shown of %s)", which, strings.Join(shards, ", "), fault, of)
}

// notWritten says for how long nothing was written that could have been lost, because this
// program was not run.
func notWritten(r *Result) string {
	if len(r.Holes) == 0 {
		return ""
	}
	return fmt.Sprintf(" (nothing was written for %s, while this program was not run)", Duration(inAll(r.Holes)))
}

// ackedAfterFault tells whether a workload had a write on the shard acked after the
// first fault took hold, or whether there was none.
func (s Shard) ackedAfterFault() bool { return s.AckedAfterFault == nil || *s.AckedAfterFault }

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
	f.Unmeasured, f.Bounds = map[string]string{}, nil
	f.Never = slices.DeleteFunc(slices.Clone(f.Never), func(field string) bool { return field == "client_recovery_ms" })
	f.recovered()
	return f
}

// metric is the figure that an expectation is about; nil with the reason why
// there is none.
func metric(name string, r *Result) (*float64, string) {
	switch name {
	case incidentsMetric:
		return number(float64(len(r.Incidents))), ""
	case "failovers":
		return number(float64(len(r.Failovers))), ""
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
			return number(0), ""
		}
		return slowest(r, "split_brain_ms", func(f Failover) *float64 { return f.SplitBrainMS })
	case "unavailable":
		return worstShard(r, func(s Shard) *float64 { return s.UnavailableMS })
	case "longest_outage":
		return worstShard(r, func(s Shard) *float64 { return s.LongestMS })
	case "longest_split_brain":
		if len(r.Failovers) == 0 {
			return number(0), ""
		}
		return slowest(r, "split_brain_ms", func(f Failover) *float64 { return f.SplitBrainLongestMS })
	case "evicted":
		return countOf(r.Writes.Evicted, r.Writes.unread()+", or the servers' counters are not known")
	case "expired":
		return countOf(r.Writes.Expired, r.Writes.unread()+", or the servers' counters are not known")
	case "lost_writes":
		return ofAcked(r, asNumber(r.Writes.Lost))
	case "lost_ratio":
		return ofAcked(r, r.Writes.LostRatio)
	case "loss_window":
		switch {
		case r.Writes.Lost == nil:
			return nil, r.Writes.unread()
		case r.Writes.lostUndated():
			return nil, "it is not known of all lost writes when they were acked"
		case r.Writes.LossWindowMS == nil:
			return number(0), ""
		default:
			return number(r.Writes.LossWindowMS[1] - r.Writes.LossWindowMS[0]), ""
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
			return nil, "the run did not get that far"
		}
		if *r.Recovered {
			return number(1), ""
		}
		return number(0), ""
	default:
		return nil, "no such figure"
	}
}

// ofAcked is a figure of acked writes: where there are none, nothing is shown by it.
func ofAcked(r *Result, figure *float64) (*float64, string) {
	if r.Writes.Judged == 0 {
		return nil, "no write was acked"
	}
	return figure, r.Writes.unread()
}

// ofAttempted is the share that a number of operations is of all.
func ofAttempted(r *Result, n int64) (*float64, string) {
	if r.Writes.Attempted == 0 {
		return nil, "no operation was attempted"
	}
	for _, w := range r.Workloads {
		if why := w.Unmeasured[failedRatio]; why != "" {
			return nil, why
		}
	}
	return number(float64(n) / float64(r.Writes.Attempted)), ""
}

// slowestLatency is the largest figure of all workloads.
func slowestLatency(r *Result, figure func(record.Latency) float64) (*float64, string) {
	var slowest *float64
	for _, w := range r.Workloads {
		if why := w.Unmeasured["latency_ms"]; why != "" {
			return nil, why
		}
		if w.LatencyMS == nil {
			return nil, fmt.Sprintf("no operation of workload %s was acked", w.Name)
		}
		if ms := figure(*w.LatencyMS); slowest == nil || ms > *slowest {
			slowest = &ms
		}
	}
	return slowest, "no workload got to its end"
}

// worstShard is the largest figure of all shards.
func worstShard(r *Result, figure func(Shard) *float64) (*float64, string) {
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
	return worst, "the record holds no probes"
}

// countOf is a count that may not be known, and then why.
func countOf(n *int64, missing string) (*float64, string) {
	if n == nil {
		return nil, missing
	}
	return number(float64(*n)), ""
}

func number(f float64) *float64 { return &f }

// noFailover is why there is no figure of failovers where nothing had a master replaced.
const noFailover = "no failover happened"

// slowest is the largest figure of all failovers.
func slowest(r *Result, name string, figure func(Failover) *float64) (*float64, string) {
	if len(r.Failovers) == 0 && len(r.Incidents) > 0 {
		return nil, "no failover happened that a fault had caused"
	}
	if len(r.Failovers) == 0 {
		return nil, noFailover
	}
	var longest *float64
	for _, f := range r.Failovers {
		ms := figure(f)
		if ms == nil {
			return nil, fmt.Sprintf("shard %d: %s", f.Shard, f.Unmeasured[name])
		}
		if longest == nil || *ms > *longest {
			longest = ms
		}
	}
	return longest, ""
}

// shown is a value for result.json and for a person.
func shown(v float64, unit scenarios.Unit) (any, string) {
	switch unit {
	case scenarios.UnitMillis:
		return v, Duration(v)
	case scenarios.UnitRatio:
		return v, Percent(v)
	case scenarios.UnitBool:
		return v == 1, fmt.Sprint(v == 1)
	default:
		return int64(v), Count(int64(v))
	}
}

// Duration writes milliseconds for a person: 0.42 ms, 12 ms, 6.43 s, 2 m 5 s.
func Duration(ms float64) string {
	switch {
	case ms < 0:
		return "-" + Duration(-ms)
	case ms == 0:
		return "0 ms"
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 119_995:
		return fmt.Sprintf("%.2f s", ms/1000)
	default:
		seconds := int(ms/1000 + 0.5)
		return fmt.Sprintf("%d m %d s", seconds/60, seconds%60)
	}
}

// Percent writes a ratio for a person.
func Percent(ratio float64) string {
	if ratio != 0 && ratio < 0.0001 {
		return fmt.Sprintf("%.2g %%", ratio*100)
	}
	return fmt.Sprintf("%.2f %%", ratio*100)
}

// Count writes a number with thousands separated: 12,345.
func Count(n int64) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, parts...), ",")
}

// plural counts things: "1 replica", "2 replicas".
func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}

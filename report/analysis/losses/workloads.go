package losses

import (
	"cmp"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Workloads are those that got to their end, and their writes in sum.
func Workloads(facts *observed.Facts, s *scenarios.Scenario, failovers []report.Failover) ([]report.Workload, report.Writes) {
	workloads := []report.Workload{}
	var total report.Writes
	counting := 0 // workloads that count losses
	for _, d := range facts.Done {
		w := workloadOf(facts, s, d, failovers)
		if !w.NoLoss {
			counting++
		}
		workloads = append(workloads, w)
		add(&total, w.Writes)
	}
	ratio(&total)
	if slices.ContainsFunc(workloads, func(w report.Workload) bool { return w.Writes.LostUndated() }) {
		total.LossWindow = nil
	}
	if len(facts.Done) < len(s.Workloads) || len(facts.Verified) < counting || total.Unverified > 0 {
		unmeasure(&total)
	}
	return workloads, total
}

// workloadOf is what a workload saw, and what became of its writes.
func workloadOf(facts *observed.Facts, s *scenarios.Scenario, d *record.WorkloadDone, failovers []report.Failover) report.Workload {
	w := report.Workload{
		Name: d.Name, Type: d.Kind, TargetRate: d.TargetRate, Rates: d.Rates, Wait: d.Wait, WaitAOF: d.WaitAOF, Client: d.Client,
		Latency: d.Latency, Lateness: d.Lateness, LatencyPhases: []report.LatencyPhase{}, Errors: map[string]int64{}, ErrorDetails: d.Errors,
		Writes: report.Writes{Attempted: d.Attempted, Acked: d.Acked, Failed: d.Failed, Indeterminate: d.Indeterminate, Unsent: d.Unsent},
		Locks:  facts.Locks[d.Name], Linearizability: facts.Linear[d.Name], Heard: facts.Heard[d.Name], Consumed: facts.Consumed[d.Name], NoLoss: d.NoLoss,
		ClientRecovery: slowestRecovery(d.Name, failovers),
	}
	if !w.NoLoss {
		w.Writes.Judged = d.Acked
	}
	for _, spec := range s.Workloads {
		if reload := spec.Client.Effective().ClusterStateReloadInterval; spec.Name == d.Name && reload != nil {
			w.Reload = new(record.Millis(reload.D().Milliseconds()))
		}
	}
	if wrote := d.End - d.Start; wrote > 0 {
		w.ThroughputOps = new(float64(d.Acked) / float64(wrote) * 1000)
	}
	if heldUp(facts, d) {
		unmeasureTimes(&w, facts.NotRun(d.Start, d.End))
	}
	for _, e := range d.Errors {
		w.Errors[e.Kind] += e.Count
	}
	if v := facts.Verified[d.Name]; v != nil {
		verify(&w.Writes, v)
		losses := lossesOf(facts, v, failovers)
		setApart(&w.Writes, append(losses, undated(facts, v, losses, d, failovers)...), counted(facts))
		w.Parts = partsOf(v)
		if v.Unverified > 0 {
			unmeasure(&w.Writes)
		}
	}
	return w
}

// unmeasureTimes takes back what depends on when operations were sent, and how many there were.
func unmeasureTimes(w *report.Workload, why report.Reason) {
	w.Latency, w.Lateness, w.ThroughputOps = nil, nil, nil
	w.Reasons = map[string]report.Reason{"latency_ms": why, "throughput_ops": why, report.FailedRatio: why}
}

// unmeasure takes back all that is only known once every acked write was read back.
func unmeasure(w *report.Writes) {
	if w.Lost != nil {
		w.LostAtLeast = w.Lost
	}
	w.Lost, w.LostRatio, w.UnackedApplied, w.LossWindow = nil, nil, nil, nil
	w.Duplicated, w.OutOfOrder, w.Evicted, w.Expired = nil, nil, nil, nil
}

// verify enters what was found when the writes were read back.
func verify(w *report.Writes, v *record.Verified) {
	lost := v.Lost
	w.Lost, w.UnackedApplied = &lost, &v.UnackedApplied
	w.LossWindow, w.LostByShard = v.LossWindow, maps.Clone(v.LostByShard)
	w.Duplicated, w.OutOfOrder = v.Duplicated, v.OutOfOrder
	w.Unverified, w.FailedApplied = v.Unverified, v.FailedApplied
	ratio(w)
}

// ratio sets the share of acked writes that are lost.
func ratio(w *report.Writes) {
	if w.Lost != nil && w.Judged > 0 {
		ratio := float64(*w.Lost) / float64(w.Judged)
		w.LostRatio = &ratio
	}
}

// add sums up, of figures that are not known of all those that are.
func add(w *report.Writes, o report.Writes) {
	w.Attempted += o.Attempted
	w.Acked += o.Acked
	w.Judged += o.Judged
	w.Failed += o.Failed
	w.Indeterminate += o.Indeterminate
	w.Unverified += o.Unverified
	w.FailedApplied += o.FailedApplied
	w.Unsent += o.Unsent
	w.Lost = report.Sum(w.Lost, cmp.Or(o.Lost, o.LostAtLeast))
	w.Evicted, w.Expired = report.Sum(w.Evicted, o.Evicted), report.Sum(w.Expired, o.Expired)
	w.UnackedApplied = report.Sum(w.UnackedApplied, o.UnackedApplied)
	w.Duplicated = report.Sum(w.Duplicated, o.Duplicated)
	w.OutOfOrder = report.Sum(w.OutOfOrder, o.OutOfOrder)
	if o.LossWindow != nil {
		if w.LossWindow == nil {
			window := *o.LossWindow
			w.LossWindow = &window
		}
		w.LossWindow[0] = min(w.LossWindow[0], o.LossWindow[0])
		w.LossWindow[1] = max(w.LossWindow[1], o.LossWindow[1])
	}
	for shard, n := range o.LostByShard {
		if w.LostByShard == nil {
			w.LostByShard = map[int]int64{}
		}
		w.LostByShard[shard] += n
	}
}

// heldUp tells whether a workload was not driven for a time while it ran.
func heldUp(facts *observed.Facts, d *record.WorkloadDone) bool {
	return slices.ContainsFunc(facts.Holes, func(hole report.Hole) bool { return hole.From < d.End && hole.To > d.Start })
}

func partsOf(v *record.Verified) []report.Part {
	var parts []report.Part
	for _, p := range v.Parts {
		parts = append(parts, report.Part{Type: p.Name, Checked: p.Checked, Unverified: p.Unverified, Lost: p.Lost, UnackedApplied: p.UnackedApplied, Duplicated: p.Duplicated, OutOfOrder: p.OutOfOrder})
	}
	return parts
}

// slowestRecovery is the longest that a workload took to reach a new master.
func slowestRecovery(workload string, failovers []report.Failover) *record.Millis {
	var slowest *record.Millis
	for _, f := range failovers {
		if f.Origin == report.OriginNone {
			continue
		}
		i := slices.IndexFunc(f.Clients, func(r report.Recovery) bool { return r.Workload == workload })
		if i < 0 || f.Clients[i].Recovery == nil {
			return nil // one shard that was not reached again, or nobody knows when, leaves the slowest unknown
		}
		if since := *f.Clients[i].Recovery; slowest == nil || since > *slowest {
			slowest = &since
		}
	}
	return slowest
}

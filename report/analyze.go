package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Analyze is a pure function from a scenario and the record of its run to the
// result. It tells whatever the record holds: of a run that was cut short, too.
func Analyze(s *scenarios.Scenario, events []record.Event) *Result {
	h := arrange(events)
	r := &Result{Schema: Schema, Faults: []Fault{}, Incidents: []Incident{}, Holes: []Hole{}, Failovers: []Failover{}, Missed: []Missed{}, Outages: []Outage{}, Workloads: []Workload{}, Shards: []Shard{},
		Expectations: []Expectation{}, Notes: []string{}}
	if h.started == nil {
		r.Verdict, r.Error = Error, "the record does not hold the start of the run"
		r.Run.Scenario = s.Name
		r.Notes = append(r.Notes, h.notes...)
		return r
	}
	r.Run = runOf(h)
	h.faults = faultsOf(h, s.Faults)
	for _, f := range h.faults {
		r.Faults = append(r.Faults, f.Fault)
	}
	r.Incidents = incidentsOf(h)
	r.Holes = holesOf(h)
	h.incidents, h.holes = r.Incidents, r.Holes
	h.probePace = float64(s.Observe.Probes.D()) / float64(time.Millisecond)
	h.loadEnd = max(h.loadEnd, float64(s.Duration.D())/float64(time.Millisecond))
	h.announcesNames = s.Cluster.Announce == scenarios.AnnounceHostname
	h.ownTTL = slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.TTL() > 0 })
	h.changes = changesOf(h)
	h.gaps = gapsOf(h)
	h.bare = uncoveredOf(h)
	r.Failovers = failoversOf(h)
	r.Missed = missedOf(h, r.Failovers)
	for i, m := range r.Missed {
		r.Missed[i].Reason = missedReason(r, m)
	}
	r.Shards = shardsOf(h)
	r.Outages = outagesOf(h)
	r.Workloads, r.Writes = workloadsOf(h, s, r.Failovers)
	attribute(r.Faults, r.Workloads)
	if h.settled != nil {
		r.Recovered = &h.settled.OK
	}
	r.Notes = append(r.Notes, notesOf(h, s, r)...)
	addLatencyPhases(r, s, events)
	addReads(r, s, events)
	r.Timeline = timelineOf(h, r.Workloads)
	r.TakesIncidents = slices.ContainsFunc(s.Expect, func(e scenarios.Expectation) bool { return e.Metric.Name == incidentsMetric })
	r.Expectations = judge(s, r)
	switch {
	case h.ended == nil:
		r.Verdict, r.Error = Error, "the record ends before the run does"
	case h.missing > 0:
		r.Verdict, r.Error = Error, fmt.Sprintf("the record is incomplete: %s missing or damaged", plural(int64(h.missing), "event"))
	case h.ended.Interrupted:
		r.Verdict, r.Error = Error, "the run was interrupted"
	case h.ended.Error != "":
		r.Verdict, r.Error = Error, h.ended.Error
	case slices.ContainsFunc(r.Expectations, func(e Expectation) bool { return !e.OK }):
		r.Verdict = Fail
	default:
		r.Verdict = Pass
	}
	return r
}

func runOf(h *history) Run {
	s := h.started
	return Run{
		ID: s.ID, Scenario: s.Scenario, Started: s.Started, DurationMS: h.end, Seed: s.Seed,
		Runtime: s.Runtime, Engine: s.Engine, Tool: s.Tool, Server: s.Server,
		Topology: Topology{Masters: s.Masters, Replicas: s.Replicas}, Config: s.Config,
	}
}

func workloadsOf(h *history, s *scenarios.Scenario, failovers []Failover) ([]Workload, Writes) {
	workloads := []Workload{}
	var total Writes
	counting := 0 // workloads that count losses
	for _, d := range h.done {
		w := Workload{
			Name: d.Name, Type: d.Kind, TargetRate: d.TargetRate, Rates: d.Rates, Wait: d.Wait, WaitAOF: d.WaitAOF, Client: d.Client, LatencyMS: d.Latency, LatenessMS: d.Lateness, LatencyPhases: []LatencyPhase{}, Errors: map[string]int64{}, ErrorDetails: d.Errors,
			Writes: Writes{Attempted: d.Attempted, Acked: d.Acked, Failed: d.Failed, Indeterminate: d.Indeterminate, Unsent: d.Unsent},
		}
		w.Locks, w.Linearizability = h.locks[d.Name], h.linear[d.Name]
		w.Heard, w.Consumed, w.NoLoss = h.heard[d.Name], h.consumed[d.Name], d.NoLoss
		if !w.NoLoss {
			counting++
			w.Writes.Judged = d.Acked
		}
		for _, spec := range s.Workloads {
			if reload := spec.Client.Effective().ClusterStateReloadInterval; spec.Name == d.Name && reload != nil {
				ms := float64(reload.D().Milliseconds())
				w.ReloadMS = &ms
			}
		}
		if wrote := d.EndMS - d.StartMS; wrote > 0 {
			rate := float64(d.Acked) / wrote * 1000
			w.ThroughputOps = &rate
		}
		if h.heldUp(d) {
			w.unmeasure(h.notRun(d.StartMS, d.EndMS))
		}
		for _, e := range d.Errors {
			w.Errors[e.Kind] += e.Count
		}
		if v := h.verified[d.Name]; v != nil {
			w.Writes.verify(v)
			losses := h.lossesOf(v, failovers)
			w.Writes.setApart(append(losses, h.undated(v, losses, d, failovers)...), h.counted())
			w.Parts = partsOf(v)
			if v.Unverified > 0 {
				w.Writes.unmeasure()
			}
		}
		w.ClientRecoveryMS = slowestRecovery(d.Name, failovers)
		workloads = append(workloads, w)
		total.add(w.Writes)
	}
	total.ratio()
	if slices.ContainsFunc(workloads, func(w Workload) bool { return w.Writes.lostUndated() }) {
		total.LossWindowMS = nil
	}
	if len(h.done) < len(s.Workloads) || len(h.verified) < counting || total.Unverified > 0 {
		total.unmeasure()
	}
	return workloads, total
}

// unmeasure takes back what depends on when operations were sent, and how many there were.
func (w *Workload) unmeasure(why string) {
	w.LatencyMS, w.LatenessMS, w.ThroughputOps = nil, nil, nil
	w.Unmeasured = map[string]string{"latency_ms": why, "throughput_ops": why, failedRatio: why}
}

// failedRatio is the share of operations that were not acked.
const failedRatio = "failed_ratio"

// unmeasure takes back all that is only known once every acked write was read back.
func (w *Writes) unmeasure() {
	if w.Lost != nil {
		w.LostAtLeast = w.Lost
	}
	w.Lost, w.LostRatio, w.UnackedApplied, w.LossWindowMS = nil, nil, nil, nil
	w.Duplicated, w.OutOfOrder, w.Evicted, w.Expired = nil, nil, nil, nil
}

// unread is why it is not known of all acked writes what became of them.
func (w *Writes) unread() string {
	if w.Unverified == 0 {
		return "the writes were not read back"
	}
	return fmt.Sprintf("%s of %s acked writes could not be read back", Count(w.Unverified), Count(w.Judged))
}

func (w *Writes) verify(v *record.Verified) {
	lost := v.Lost
	w.Lost, w.UnackedApplied = &lost, &v.UnackedApplied
	w.LossWindowMS, w.LostByShard = v.LossWindowMS, maps.Clone(v.LostByShard)
	w.Duplicated, w.OutOfOrder = v.Duplicated, v.OutOfOrder
	w.Unverified, w.FailedApplied = v.Unverified, v.FailedApplied
	w.ratio()
}

// lostUndated tells whether writes were lost of which nobody knows when they
// were acked.
func (w *Writes) lostUndated() bool {
	return w.Lost != nil && *w.Lost > 0 && w.LossWindowMS == nil
}

func (w *Writes) ratio() {
	if w.Lost != nil && w.Judged > 0 {
		ratio := float64(*w.Lost) / float64(w.Judged)
		w.LostRatio = &ratio
	}
}

func (w *Writes) add(o Writes) {
	w.Attempted += o.Attempted
	w.Acked += o.Acked
	w.Judged += o.Judged
	w.Failed += o.Failed
	w.Indeterminate += o.Indeterminate
	w.Unverified += o.Unverified
	w.FailedApplied += o.FailedApplied
	w.Unsent += o.Unsent
	w.Lost = sum(w.Lost, cmp.Or(o.Lost, o.LostAtLeast))
	w.Evicted, w.Expired = sum(w.Evicted, o.Evicted), sum(w.Expired, o.Expired)
	w.UnackedApplied = sum(w.UnackedApplied, o.UnackedApplied)
	w.Duplicated = sum(w.Duplicated, o.Duplicated)
	w.OutOfOrder = sum(w.OutOfOrder, o.OutOfOrder)
	if o.LossWindowMS != nil {
		if w.LossWindowMS == nil {
			window := *o.LossWindowMS
			w.LossWindowMS = &window
		}
		w.LossWindowMS[0] = min(w.LossWindowMS[0], o.LossWindowMS[0])
		w.LossWindowMS[1] = max(w.LossWindowMS[1], o.LossWindowMS[1])
	}
	for shard, n := range o.LostByShard {
		if w.LostByShard == nil {
			w.LostByShard = map[int]int64{}
		}
		w.LostByShard[shard] += n
	}
}

func sum(a, b *int64) *int64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	n := *a + *b
	return &n
}

// notesOf is what a reader should know beside the figures.
func notesOf(h *history, s *scenarios.Scenario, r *Result) []string {
	notes := slices.Clone(h.notes)
	if missing := missingParts(h, s); missing != "" {
		notes = append(notes, missing)
	}
	server := h.started.Server
	if server.Built != "" {
		note := fmt.Sprintf("The server image %s was built from this machine's %s.", server.Image, server.Built)
		if server.Asked != "" && server.Asked != server.Image {
			note = fmt.Sprintf("The image %s could not be had; %s, built from this machine's %s, was used instead.", server.Asked, server.Image, server.Built)
		}
		notes = append(notes, note)
	}
	notes = append(notes, lateNotes(s, r)...)
	notes = append(notes, h.stepNotes()...)
	if len(s.ExpectSet) > 0 {
		notes = append(notes, "`expect_set` is about repeats (`chaos run --repeat`): it is not judged by a single run.")
	}
	for _, f := range r.Failovers {
		if f.Origin == OriginNone {
			notes = append(notes, fmt.Sprintf("Shard %d failed over from %s to %s although no fault had hit %s: a false failover.", f.Shard, f.OldMaster, f.NewMaster, f.OldMaster))
		}
	}
	for _, w := range r.Workloads {
		if w.TargetRate > 0 && w.Writes.Unsent > 0 {
			notes = append(notes, fmt.Sprintf("Workload %s: %d writes were due by the end and not sent, because all its clients were busy.", w.Name, w.Writes.Unsent))
		}
		if w.Writes.FailedApplied > 0 {
			notes = append(notes, fmt.Sprintf("Workload %s: %d writes were refused and are there all the same.", w.Name, w.Writes.FailedApplied))
		}
		if n := w.Writes.Duplicated; n != nil && *n > 0 {
			notes = append(notes, fmt.Sprintf("Workload %s: %s, of writes that were applied more than once.", w.Name, plural(*n, "duplicate")))
		}
		if n := w.Writes.OutOfOrder; n != nil && *n > 0 {
			notes = append(notes, fmt.Sprintf("Workload %s: %s out of order, applied after a later one of the same client to the same key.", w.Name, plural(*n, "write")))
		}
		if v := h.verified[w.Name]; v != nil && v.Unverified > 0 {
			notes = append(notes, fmt.Sprintf("Workload %s: %d acked writes could not be read back (%s): how many of them are lost is not known.", w.Name, v.Unverified, v.Error))
		}
		if v := h.verified[w.Name]; v != nil && v.Foreign > 0 {
			notes = append(notes, fmt.Sprintf("Workload %s: %d values are there that it never wrote.", w.Name, v.Foreign))
		}
	}
	notes = append(notes, messagingNotes(r)...)
	if h.settled != nil && !h.settled.OK {
		notes = append(notes, fmt.Sprintf("The cluster was not whole %s after the last fault healed: %s.", s.RecoveryTimeout, h.settled.Reason))
	}
	return notes
}

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
	r := analyze(s, events)
	Describe(r)
	return r
}

func analyze(s *scenarios.Scenario, events []record.Event) *Result {
	h := factsOf(s, events)
	r := &Result{Schema: Schema, Faults: []Fault{}, Incidents: []Incident{}, Holes: []Hole{}, Failovers: []Failover{}, Missed: []Missed{}, Outages: []Outage{}, Workloads: []Workload{}, Shards: []Shard{},
		Expectations: []Expectation{}, Notes: []string{}}
	if h.started == nil {
		r.Verdict, r.Error = Error, "the record does not hold the start of the run"
		r.Run.Scenario = s.Name
		r.Notices = recordedNotices(h)
		return r
	}
	r.Run = runOf(h)
	for _, f := range h.faults {
		r.Faults = append(r.Faults, f.Fault)
	}
	r.Incidents, r.Holes = h.incidents, h.holes
	r.Failovers = failoversOf(h)
	r.Missed = missedOf(h, r.Failovers)
	r.Shards = shardsOf(h)
	r.Outages = outagesOf(h)
	r.Workloads, r.Writes = workloadsOf(h, s, r.Failovers)
	attribute(r.Faults, r.Workloads)
	if h.settled != nil {
		r.Recovered = &h.settled.OK
	}
	r.Notices = noticesOf(h, s, r)
	addLatencyPhases(r, s, events)
	addReads(r, s, events)
	r.Timeline = timelineOf(h, r.Workloads)
	r.TakesIncidents = slices.ContainsFunc(s.Expect, func(e scenarios.Expectation) bool { return e.Metric.Name == incidentsMetric })
	r.Expectations = judge(s, r)
	r.Verdict, r.Error = verdictOf(h, r.Expectations)
	return r
}

// verdictOf is the outcome of a run, and why it was not carried out to its end, if it was not.
func verdictOf(h *history, judged []Expectation) (verdict Verdict, why string) {
	switch {
	case h.ended == nil:
		return Error, "the record ends before the run does"
	case h.missing == 1:
		return Error, "the record is incomplete: 1 event missing or damaged"
	case h.missing > 0:
		return Error, fmt.Sprintf("the record is incomplete: %s events missing or damaged", Count(int64(h.missing)))
	case h.ended.Interrupted:
		return Error, "the run was interrupted"
	case h.ended.Error != "":
		return Error, h.ended.Error
	case slices.ContainsFunc(judged, func(e Expectation) bool { return !e.OK }):
		return Fail, ""
	default:
		return Pass, ""
	}
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
func (w *Workload) unmeasure(why Reason) {
	w.LatencyMS, w.LatenessMS, w.ThroughputOps = nil, nil, nil
	w.Reasons = map[string]Reason{"latency_ms": why, "throughput_ops": why, failedRatio: why}
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
func (w *Writes) unread() Reason {
	if w.Unverified == 0 {
		return Reason{Why: WhyUnread}
	}
	return Reason{Why: WhyUnread, Count: w.Unverified, Of: w.Judged}
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

// noticesOf is what a reader should know beside the figures.
func noticesOf(h *history, s *scenarios.Scenario, r *Result) []Notice {
	notices := recordedNotices(h)
	if h.ended == nil {
		until := h.observedUntil()
		notices = append(notices, Notice{Kind: NoticeRecordEnds, MS: &until, Lacks: lacksOf(h, s)})
	}
	if h.started.Server.Built != "" {
		notices = append(notices, Notice{Kind: NoticeImageBuilt})
	}
	notices = append(notices, lateNotices(s, r)...)
	notices = append(notices, h.clockNotices()...)
	if len(s.ExpectSet) > 0 {
		notices = append(notices, Notice{Kind: NoticeSetNotJudged})
	}
	for i, f := range r.Failovers {
		if f.Origin == OriginNone {
			notices = append(notices, Notice{Kind: NoticeFalseFailover, Failover: &i})
		}
	}
	for _, w := range r.Workloads {
		notices = append(notices, workloadNotices(w, h.verified[w.Name])...)
	}
	notices = append(notices, messagingNotices(r)...)
	if h.settled != nil && !h.settled.OK {
		notices = append(notices, Notice{Kind: NoticeNotWhole, ForMS: new(float64(s.RecoveryTimeout.D()) / float64(time.Millisecond)), Text: h.settled.Reason})
	}
	return notices
}

// recordedNotices are what the run itself noted.
func recordedNotices(h *history) (notices []Notice) {
	for _, text := range h.notes {
		notices = append(notices, Notice{Kind: NoticeRecorded, Text: text})
	}
	return notices
}

// workloadNotices are about what became of a workload's writes.
func workloadNotices(w Workload, v *record.Verified) (notices []Notice) {
	add := func(kind NoticeKind, count int64, text string) {
		if count > 0 {
			notices = append(notices, Notice{Kind: kind, Workload: w.Name, Count: count, Text: text})
		}
	}
	if w.TargetRate > 0 {
		add(NoticeUnsent, w.Writes.Unsent, "")
	}
	add(NoticeFailedApplied, w.Writes.FailedApplied, "")
	add(NoticeDuplicated, countOr0(w.Writes.Duplicated), "")
	add(NoticeOutOfOrder, countOr0(w.Writes.OutOfOrder), "")
	if v != nil {
		add(NoticeUnread, v.Unverified, v.Error)
		add(NoticeForeign, v.Foreign, "")
	}
	return notices
}

// countOr0 is a count, or 0 if it is not known.
func countOr0(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

package report

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// timing enters the figures of a failover, which count from the moment at which its cause took
// hold. What may have come in a hole of the record is between two bounds.
type timing struct {
	h *history
	f *Failover
	c change
}

// set enters a figure by its moment on the run's clock, or why there is none.
func (t timing) set(to **float64, name string, at float64, ok bool, reason Reason) {
	if !ok {
		t.f.Reasons[name] = reason
		return
	}
	since := at - t.f.FromMS
	if since < 0 && since >= -logSlack {
		since = 0 // a log's time is cut to milliseconds
	}
	*to = &since
}

// within puts a figure between two bounds: least is the earliest that it can be, on the run's
// clock.
func (t timing) within(to **float64, name string, least float64) {
	if *to == nil {
		return
	}
	effective := t.f.FromMS
	bounds := [2]float64{max(0, least-effective), **to}
	if figure, apart := bounded(bounds); apart != nil {
		*to = figure
		t.f.between(name, *apart, t.h.notRun(effective+apart[0], effective+apart[1]))
	}
}

// late does so if what the figure tells of may have come in a hole, though it was seen up to so
// much later: see probedLate and askedLate.
func (t timing) late(to **float64, name string, slack, least float64) {
	if *to == nil {
		return
	}
	if from, ok := t.h.lateSince(t.f.FromMS+**to, slack); ok {
		t.within(to, name, max(from, least))
	}
}

// suspicion times the old master's being suspected, and marked as failed.
func (t timing) suspicion() {
	h, f, old, effective := t.h, t.f, t.c.from, t.f.FromMS
	if f.Origin == OriginManual {
		f.Reasons["pfail_ms"] = Reason{Why: WhyNobodyHadToSuspect, Node: old}
		f.Reasons["fail_ms"] = Reason{Why: WhyNobodyHadToMark, Node: old}
		return
	}
	failed, isFailed := h.first(effective-logSlack, markedFailed(old))
	at, ok := h.suspected(old, effective)
	since, seenLate := h.lateSince(at, askedLate)
	if ok && isFailed {
		at = min(at, max(failed, effective)) // which its suspicion came before, though it is seen by asking
	}
	t.set(&f.PFailMS, "pfail_ms", at, ok && at <= h.end, Reason{Why: WhyNotSuspected, Node: old})
	if seenLate {
		t.within(&f.PFailMS, "pfail_ms", since)
	}
	t.set(&f.FailMS, "fail_ms", failed, isFailed, Reason{Why: WhyNotMarked, Node: old})
	if !h.saysFailedAt(old, failed) {
		t.late(&f.FailMS, "fail_ms", askedLate, effective)
	}
}

// promotion times the promotion, and is the earliest moment at which the shard can have been
// open again.
func (t timing) promotion(won float64, ok bool) (opened float64) {
	t.set(&t.f.PromotedMS, "promoted_ms", won, ok, Reason{Why: WhyNoPromotionSeen, Node: t.c.to})
	if t.h.promotionLogged(t.c, won) {
		return max(t.f.FromMS, won)
	}
	t.late(&t.f.PromotedMS, "promoted_ms", askedLate, t.f.FromMS)
	return t.f.FromMS
}

// splitBrain times both masters' acking at once. In holes since the shard was open again, both
// may have.
func (t timing) splitBrain(opened float64) {
	if len(t.h.probes) == 0 {
		t.f.Reasons["split_brain_ms"] = Reason{Why: WhyNoProbes}
		return
	}
	both, longest := overlap(t.h.probes, t.c, t.f.FromMS)
	t.f.SplitBrainMS, t.f.SplitBrainLongestMS = &both, &longest
	until := min(t.c.next, t.h.probedUntil())
	unseen := t.h.missingIn(opened, until)
	if unseen < leastHole {
		return
	}
	t.f.SplitBrainMS, t.f.SplitBrainLongestMS = nil, nil
	t.f.between("split_brain_ms", [2]float64{both, both + unseen}, t.h.notRun(opened, until))
	t.f.between("split_brain_longest_ms", [2]float64{longest, longest + unseen}, t.h.notRun(opened, until))
}

// between has a figure be between two bounds, for a reason.
func (f *Failover) between(name string, bounds [2]float64, reason Reason) {
	if f.Bounds == nil {
		f.Bounds = map[string][2]float64{}
	}
	f.Bounds[name] = bounds
	reason.Between = &bounds
	f.Reasons[name] = reason
}

// recovered sums up how the workloads came through it.
func (f *Failover) recovered() {
	slowest, bounds, missing := slowestOf(f.Clients, f.NewMaster)
	f.ClientRecoveryMS = slowest
	if slices.ContainsFunc(f.Clients, func(r Recovery) bool { return r.Never }) {
		f.Never = append(f.Never, "client_recovery_ms")
	}
	switch {
	case slowest != nil:
	case bounds != nil:
		f.between("client_recovery_ms", *bounds, missing)
	default:
		f.Reasons["client_recovery_ms"] = missing
	}
}

// saysFailedAt tells whether a log line at a moment says that a node failed.
func (h *history) saysFailedAt(subject string, ms float64) bool {
	return slices.ContainsFunc(h.lines, func(l logLine) bool { return l.ms == ms && saysFailed(subject, l.Log) })
}

// promotionLogged tells whether the new master's log says that it was promoted at a moment.
func (h *history) promotionLogged(c change, won float64) bool {
	return len(h.logs(c.to, record.LogElectionWon, won, won))+len(h.logs(c.to, record.LogManualFailover, won, won)) > 0
}

// refusedSince tells whether the new master had answered a probe otherwise between the end of
// the last hole and its first ack.
func (h *history) refusedSince(c change, acked float64) bool {
	return slices.ContainsFunc(h.rowsIn(c.to, acked-probedLate, acked), func(r row) bool {
		return r.answer != record.ProbeAck && stateOf(r.answer) != "silent" && h.missingIn(r.till, acked) == 0
	})
}

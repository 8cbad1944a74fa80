package failovers

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// converged is the first moment at which every node that can be reached names
// the new master as the owner.
func converged(facts *observed.Facts, c observed.MasterChange) (record.Millis, bool) {
	owner, unreachable := map[string]string{}, map[string]bool{}
	agreed := func() bool {
		for node, o := range owner {
			if !unreachable[node] && o != c.To {
				return false
			}
		}
		return len(owner) > 0
	}
	for _, e := range facts.Events {
		switch d := e.Data.(type) {
		case *record.SlotOwner:
			if d.Shard == c.Shard {
				owner[d.Observer] = d.Owner
			}
		case *record.Reachable:
			unreachable[d.Node] = !d.OK
		default:
			continue
		}
		if e.At >= c.Next {
			break
		}
		if e.At >= c.Seen && agreed() {
			return e.At, true
		}
	}
	return 0, false
}

// overlap is how long, between a moment and the shard's next change of master, two
// nodes acked its probes at once: in sum, and the longest.
func overlap(rows []observed.Interval, c observed.MasterChange, after record.Millis) (both, longest record.Millis) {
	for _, a := range rows {
		for _, b := range rows {
			if a.Shard == c.Shard && b.Shard == c.Shard && a.Node == c.From && b.Node == c.To {
				span := max(0, min(a.To, b.To, c.Next)-max(a.From, b.From, after))
				both, longest = both+span, max(longest, span)
			}
		}
	}
	return both, longest
}

// awaits notes that a figure of a failover never came, if it did not, and if that was watched
// for until a moment close to the end of the run: the shard did not change its master once more.
func (t timing) awaits(figure *record.Millis, field string, until record.Millis) {
	_, between := t.f.Bounds[field]
	if figure == nil && !between && math.IsInf(float64(t.c.Next), 1) && watchedAt(t.facts, until) {
		t.f.Never = append(t.f.Never, field)
	}
}

// timing enters the figures of a failover, which count from the moment at which its cause took
// hold. What may have come in a hole of the record is between two bounds.
type timing struct {
	facts *observed.Facts
	f     *report.Failover
	c     observed.MasterChange
}

// set enters a figure by its moment on the run's clock, or why there is none.
func (t timing) set(to **record.Millis, name string, at record.Millis, ok bool, reason report.Reason) {
	if !ok {
		t.f.Reasons[name] = reason
		return
	}
	since := at - t.f.From
	if since < 0 && since >= -observed.LogSlack {
		since = 0 // a log's time is cut to milliseconds
	}
	*to = &since
}

// within puts a figure between two bounds: least is the earliest that it can be, on the run's
// clock.
func (t timing) within(to **record.Millis, name string, least record.Millis) {
	if *to == nil {
		return
	}
	effective := t.f.From
	bounds := [2]record.Millis{max(0, least-effective), **to}
	if figure, apart := observed.Bounded(bounds); apart != nil {
		*to = figure
		t.f.SetBetween(name, *apart, t.facts.NotRun(effective+apart[0], effective+apart[1]))
	}
}

// late does so if what the figure tells of may have come in a hole, though it was seen up to so
// much later: see probedLate and askedLate.
func (t timing) late(to **record.Millis, name string, slack, least record.Millis) {
	if *to == nil {
		return
	}
	if from, ok := t.facts.LateSince(t.f.From+**to, slack); ok {
		t.within(to, name, max(from, least))
	}
}

// suspicion times the old master's being suspected, and marked as failed.
func (t timing) suspicion() {
	facts, f, old, effective := t.facts, t.f, t.c.From, t.f.From
	if f.Origin == report.OriginManual {
		f.Reasons["pfail_ms"] = report.Reason{Why: report.WhyNobodyHadToSuspect, Node: old}
		f.Reasons["fail_ms"] = report.Reason{Why: report.WhyNobodyHadToMark, Node: old}
		return
	}
	failed, isFailed := facts.First(effective-observed.LogSlack, observed.MarkedFailed(old))
	at, ok := facts.Suspected(old, effective)
	since, seenLate := facts.LateSince(at, observed.AskedLate)
	if ok && isFailed {
		at = min(at, max(failed, effective)) // which its suspicion came before, though it is seen by asking
	}
	t.set(&f.PFail, "pfail_ms", at, ok && at <= facts.End, report.Reason{Why: report.WhyNotSuspected, Node: old})
	if seenLate {
		t.within(&f.PFail, "pfail_ms", since)
	}
	t.set(&f.Fail, "fail_ms", failed, isFailed, report.Reason{Why: report.WhyNotMarked, Node: old})
	if !saysFailedAt(facts, old, failed) {
		t.late(&f.Fail, "fail_ms", observed.AskedLate, effective)
	}
}

// promotion times the promotion, and is the earliest moment at which the shard can have been
// open again.
func (t timing) promotion(won record.Millis, ok bool) (opened record.Millis) {
	t.set(&t.f.Promoted, "promoted_ms", won, ok, report.Reason{Why: report.WhyNoPromotionSeen, Node: t.c.To})
	if promotionLogged(t.facts, t.c, won) {
		return max(t.f.From, won)
	}
	t.late(&t.f.Promoted, "promoted_ms", observed.AskedLate, t.f.From)
	return t.f.From
}

// splitBrain times both masters' acking at once. In holes since the shard was open again, both
// may have.
func (t timing) splitBrain(opened record.Millis) {
	if len(t.facts.Probes) == 0 {
		t.f.Reasons["split_brain_ms"] = report.Reason{Why: report.WhyNoProbes}
		return
	}
	both, longest := overlap(t.facts.Probes, t.c, t.f.From)
	t.f.SplitBrain, t.f.SplitBrainLongest = &both, &longest
	until := min(t.c.Next, t.facts.ProbedUntil())
	unseen := t.facts.MissingIn(opened, until)
	if unseen < observed.LeastHole {
		return
	}
	t.f.SplitBrain, t.f.SplitBrainLongest = nil, nil
	t.f.SetBetween("split_brain_ms", [2]record.Millis{both, both + unseen}, t.facts.NotRun(opened, until))
	t.f.SetBetween("split_brain_longest_ms", [2]record.Millis{longest, longest + unseen}, t.facts.NotRun(opened, until))
}

// saysFailedAt tells whether a log line at a moment says that a node failed.
func saysFailedAt(facts *observed.Facts, subject string, ms record.Millis) bool {
	return slices.ContainsFunc(facts.Lines, func(l observed.LogLine) bool { return l.At == ms && observed.SaysFailed(subject, l.Log) })
}

// promotionLogged tells whether the new master's log says that it was promoted at a moment.
func promotionLogged(facts *observed.Facts, c observed.MasterChange, won record.Millis) bool {
	return len(facts.Logs(c.To, record.LogElectionWon, won, won))+len(facts.Logs(c.To, record.LogManualFailover, won, won)) > 0
}

// refusedSince tells whether the new master had answered a probe otherwise between the end of
// the last hole and its first ack.
func refusedSince(facts *observed.Facts, c observed.MasterChange, acked record.Millis) bool {
	return slices.ContainsFunc(facts.RowsIn(c.To, acked-observed.ProbedLate, acked), func(r observed.Row) bool {
		return r.Answer != record.ProbeAck && record.AnswerClass(r.Answer) != "silent" && facts.MissingIn(r.Till, acked) == 0
	})
}

package analysis

import (
	"cmp"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// noticesOf is what a reader should know beside the figures.
func noticesOf(facts *observed.Facts, s *scenarios.Scenario, r *report.Result) []report.Notice {
	notices := recordedNotices(facts)
	if facts.Ended == nil {
		until := facts.ObservedUntil()
		notices = append(notices, report.Notice{Kind: report.NoticeRecordEnds, At: &until, Lacks: lacksOf(facts, s)})
	}
	if facts.Started.Server.Built != "" {
		notices = append(notices, report.Notice{Kind: report.NoticeImageBuilt})
	}
	if facts.Steady != nil && facts.Steady.Later > report.Noticeable {
		notices = append(notices, report.Notice{Kind: report.NoticeSteadyLate, At: &facts.Steady.Waited, For: &facts.Steady.Later})
	}
	notices = append(notices, lateNotices(s, r)...)
	notices = append(notices, differNotices(facts, r)...)
	notices = append(notices, clockNotices(facts)...)
	if len(s.ExpectSet) > 0 {
		notices = append(notices, report.Notice{Kind: report.NoticeSetNotJudged})
	}
	for i, f := range r.Failovers {
		if f.Origin == report.OriginNone {
			notices = append(notices, report.Notice{Kind: report.NoticeFalseFailover, Failover: &i})
		}
	}
	notices = append(notices, identityNotices(facts)...)
	for _, w := range r.Workloads {
		notices = append(notices, workloadNotices(w, facts.Verified[w.Name])...)
	}
	notices = append(notices, messagingNotices(r)...)
	if facts.Settled != nil && !facts.Settled.OK {
		notices = append(notices, report.Notice{Kind: report.NoticeNotWhole, For: new(record.InMillis(s.RecoveryTimeout.D())), Text: facts.Settled.Reason})
	}
	return append(notices, keyNotices(facts)...)
}

// keyNotices are what became of the run's keys.
func keyNotices(facts *observed.Facts) []report.Notice {
	k := facts.Keys
	switch {
	case k == nil:
		return nil
	case k.Left != nil && *k.Left == 0:
		return []report.Notice{{Kind: report.NoticeKeysRemoved, Count: k.Removed}}
	default:
		return []report.Notice{{Kind: report.NoticeKeysLeft, Count: k.Removed, Text: k.Error}}
	}
}

// recordedNotices are what the run itself noted.
func recordedNotices(facts *observed.Facts) (notices []report.Notice) {
	for _, text := range facts.Notes {
		notices = append(notices, report.Notice{Kind: report.NoticeRecorded, Text: text})
	}
	return notices
}

// identityNotices are about nodes that became others to the cluster, or got another address.
func identityNotices(facts *observed.Facts) (notices []report.Notice) {
	was := map[string]record.Node{}
	for _, n := range facts.Started.Nodes {
		was[n.Name] = n
	}
	for _, e := range facts.Events {
		is, ok := e.Data.(*record.Identity)
		if !ok {
			continue
		}
		before := was[is.Node]
		if is.ID != before.ID {
			notices = append(notices, report.Notice{Kind: report.NoticeNewID, At: &e.At, Node: is.Node, Text: is.ID})
		}
		if is.Address != before.Address {
			notices = append(notices, report.Notice{Kind: report.NoticeNewAddress, At: &e.At, Node: is.Node, Text: is.Address})
		}
		was[is.Node] = record.Node{Name: is.Node, ID: is.ID, Address: is.Address}
	}
	return notices
}

// workloadNotices are about what became of a workload's writes.
func workloadNotices(w report.Workload, v *record.Verified) (notices []report.Notice) {
	add := func(kind report.NoticeKind, count int64, text string) {
		if count > 0 {
			notices = append(notices, report.Notice{Kind: kind, Workload: w.Name, Count: count, Text: text})
		}
	}
	if w.TargetRate > 0 {
		add(report.NoticeUnsent, w.Writes.Unsent, "")
	}
	add(report.NoticeFailedApplied, w.Writes.FailedApplied, "")
	add(report.NoticeDuplicated, countOr0(w.Writes.Duplicated), "")
	add(report.NoticeOutOfOrder, countOr0(w.Writes.OutOfOrder), "")
	if v != nil {
		add(report.NoticeUnread, v.Unverified, v.Error)
		add(report.NoticeForeign, v.Foreign, "")
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

// lateNotices tell of faults that were injected or healed late because this program was not run.
func lateNotices(s *scenarios.Scenario, r *report.Result) (notices []report.Notice) {
	millis := func(d units.Duration) record.Millis {
		return record.InMillis(d.D())
	}
	for i, f := range r.Faults {
		asked := s.Faults[f.StepIndex(i)]
		heal := millis(s.Duration)
		if began := cmp.Or(f.Effective, f.Requested); began != nil && asked.For != 0 {
			heal = *began + millis(asked.For)
		}
		for _, step := range []struct {
			kind report.NoticeKind
			due  record.Millis // ms
			done *record.Millis
		}{{report.NoticeInjectedLate, report.OrZero(cmp.Or(f.Due, new(millis(asked.At)))), f.Requested}, {report.NoticeHealedLate, heal, f.Healed}} {
			if step.done == nil {
				continue
			}
			for _, hole := range r.Holes {
				if hole.From <= step.due && hole.To > step.due {
					notices = append(notices, report.Notice{Kind: step.kind, Fault: &i, For: new(*step.done - step.due)})
				}
			}
		}
	}
	return notices
}

// differNotices tell of faults that did not do what was asked for.
func differNotices(facts *observed.Facts, r *report.Result) (notices []report.Notice) {
	for i, f := range r.Faults {
		if !slices.ContainsFunc(f.Measured, func(m report.Measured) bool { return m.Differs }) {
			continue
		}
		n := report.Notice{Kind: report.NoticeFaultDiffers, Fault: &i}
		if from, to, ok := f.InForce(facts.End); ok {
			if longest, all := facts.Starvation(from, to); longest != nil {
				n.For = &all
			}
		}
		notices = append(notices, n)
	}
	return notices
}

// clockNotices tell of steps of this machine's clock that servers on it can notice.
func clockNotices(facts *observed.Facts) (notices []report.Notice) {
	for _, e := range facts.Events {
		if s, ok := e.Data.(*record.ClockStep); ok && math.Abs(float64(s.By)) >= observed.LeastHole {
			notices = append(notices, report.Notice{Kind: report.NoticeClockSet, At: new(e.At), For: new(s.By)})
		}
	}
	return notices
}

// messagingNotices are about subscribers.
func messagingNotices(r *report.Result) (notices []report.Notice) {
	for _, w := range r.Workloads {
		if w.Heard == nil {
			continue
		}
		var breaks int64
		off := 0
		for _, s := range w.Heard.Subscribers {
			breaks += s.Breaks
			off += s.OffAtEnd
		}
		if w.TargetRate == 0 && breaks > 0 {
			notices = append(notices, report.Notice{Kind: report.NoticeNoRate, Workload: w.Name})
		}
		if off > 0 {
			notices = append(notices, report.Notice{Kind: report.NoticeUnsubscribed, Workload: w.Name, Count: int64(off)})
		}
	}
	return notices
}

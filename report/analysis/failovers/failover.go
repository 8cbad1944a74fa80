// Package failovers finds the changes of masters, times their steps, and says why a phase took
// longer than the configuration lets it.
package failovers

import (
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Find finds every change of master and times its phases.
func Find(facts *observed.Facts) []report.Failover {
	failovers := []report.Failover{}
	for _, c := range facts.Changes {
		failovers = append(failovers, failover(facts, c))
	}
	return failovers
}

// failover times one change of master.
func failover(facts *observed.Facts, c observed.MasterChange) report.Failover {
	f := report.Failover{Shard: c.Shard, OldMaster: c.From, NewMaster: c.To, Origin: report.OriginNone, Reasons: map[string]report.Reason{}}
	won, hasWon := promotion(facts, c)
	before := c.Seen
	if hasWon {
		f.At, before = &won, won
	}
	findCause(facts, &f, c, before)
	if f.Origin == report.OriginNone {
		for _, name := range []string{"pfail_ms", "fail_ms", "election_ms", "promoted_ms", "first_write_ms",
			"client_recovery_ms", "converged_ms", "redundant_ms", "split_brain_ms"} {
			f.Reasons[name] = report.Reason{Why: report.WhyNoFault, Node: c.From}
		}
		f.Findings = suspicions(facts, c, before)
		return f
	}
	t := timing{facts, &f, c}
	t.suspicion()
	at, ok := facts.LastLog(c.To, record.LogElectionStarted, before+observed.LogSlack)
	t.set(&f.Election, "election_ms", at, ok && at >= f.From-observed.LogSlack, noElection(facts, c))
	opened := t.promotion(won, hasWon)
	at, ok = firstAck(facts.Probes, c, f.From, "")
	t.set(&f.FirstWrite, "first_write_ms", at, ok, report.Reason{Why: report.WhyNoProbeAcked, Node: c.To})
	if ok && !refusedSince(facts, c, at) {
		t.late(&f.FirstWrite, "first_write_ms", observed.ProbedLate, opened)
	}
	t.awaits(f.FirstWrite, "first_write_ms", facts.ProbedUntil())
	f.Clients = recoveries(facts, c, f)
	figures.Recovered(&f)
	at, ok = converged(facts, c)
	t.set(&f.Converged, "converged_ms", at, ok, report.Reason{Why: report.WhyNotAgreed, Node: c.To})
	t.late(&f.Converged, "converged_ms", observed.AskedLate, opened)
	t.awaits(f.Converged, "converged_ms", facts.End)
	at, ok = facts.First(before, func(d record.Data) bool {
		r, ok := d.(*record.Replication)
		return ok && r.Master == c.To && r.InSync
	})
	t.set(&f.Redundant, "redundant_ms", at, ok && at < c.Next, report.Reason{Why: report.WhyNotInSync, Node: c.To})
	t.late(&f.Redundant, "redundant_ms", observed.AskedLate, opened)
	t.awaits(f.Redundant, "redundant_ms", facts.End)
	t.splitBrain(opened)
	if len(f.Reasons) == 0 {
		f.Reasons = nil
	}
	anatomy(facts, &f, c)
	return f
}

// promotion is when the new master won its election, or took over without one. A log may be
// missing: then it is the node's own word on its role, unless it had acked a probe before.
func promotion(facts *observed.Facts, c observed.MasterChange) (record.Millis, bool) {
	earliest := changeBefore(facts, c)
	if won, ok := facts.LastLog(c.To, record.LogElectionWon, c.Seen+observed.SeenLate); ok && won >= earliest {
		return won, true
	}
	taken, ok := facts.Last(c.Seen+observed.SeenLate, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == c.To && l.Kind == record.LogManualFailover && strings.HasPrefix(l.Reason, "Taking over the")
	})
	if ok && taken >= earliest {
		return taken, true
	}
	at, ok := facts.Last(c.Seen+observed.SeenLate, func(d record.Data) bool {
		r, ok := d.(*record.Role)
		return ok && r.Node == c.To && r.Role == "master"
	})
	for _, r := range facts.Probes {
		if ok && r.Node == c.To && r.Shard == c.Shard && r.From > earliest && r.From < at && r.From > at-2*observed.SeenLate {
			at = r.From
		}
	}
	return at, ok
}

// changeBefore is when the shard had changed its master before, or the start.
func changeBefore(facts *observed.Facts, c observed.MasterChange) (ms record.Millis) {
	for _, other := range facts.Changes {
		if other.Shard == c.Shard && other.Seen < c.Seen {
			ms = other.Seen
		}
	}
	return ms
}

// findCause finds what a failover came from, and when that took hold: by the new master's
// own log, if it says that it was asked for, and else the latest fault that can have caused it,
// or the first of those that kept the old master away without a break until then, unless an
// incident had done so before.
func findCause(facts *observed.Facts, f *report.Failover, c observed.MasterChange, before record.Millis) {
	asked, manual := askedFor(facts, c, before)
	if manual {
		f.Origin, f.From = report.OriginManual, asked
	}
	latest := record.Millis(0)
	for i, fault := range facts.Faults {
		at, ok := mayCause(fault, c, before, facts.ReplacedLate())
		if !ok || f.Fault != nil && at <= latest || manual != fault.Promotes() && facts.HasLog(c.To) {
			continue
		}
		latest = at
		f.Fault, f.From, f.Origin = &i, at, report.OriginFault
		if fault.Promotes() {
			f.Origin = report.OriginManual
			if manual && asked > at+report.Noticeable {
				f.From = asked // it took that long to reach the replica
			}
		}
	}
	if f.Origin != report.OriginManual {
		for i, incident := range facts.Incidents {
			if observed.Hid(incident, c.From, before, facts.ReplacedLate()) && (f.Origin == report.OriginNone || incident.At < f.From) {
				f.Fault, f.Incident, f.From, f.Origin = nil, &i, incident.At, report.OriginIncident
				break
			}
		}
	}
	for again := f.Origin == report.OriginFault; again; {
		again = false
		for i, fault := range facts.Faults {
			from, to, ok := fault.InForce(facts.End)
			if ok && fault.HidesFromPeers(c.From) && from < f.From && to >= f.From {
				f.Fault, f.From, again = &i, from, true
			}
		}
	}
}

// askedFor is when the new master was asked to take over, by its log, if that did not come
// to nothing.
func askedFor(facts *observed.Facts, c observed.MasterChange, before record.Millis) (at record.Millis, ok bool) {
	for _, l := range facts.Logs(c.To, record.LogManualFailover, changeBefore(facts, c), before+observed.LogSlack) {
		switch {
		case strings.HasPrefix(l.Reason, "Manual failover timed out"):
			ok = false
		case !ok:
			at, ok = l.At, true
		}
	}
	return at, ok
}

// mayCause tells whether a fault can have caused a change that was done by a
// moment, and since when, in ms. It can still be noticed for a while after it is
// healed.
func mayCause(f observed.Fault, c observed.MasterChange, done, lasting record.Millis) (at record.Millis, ok bool) {
	from, to, ok := f.InForce(record.Millis(math.Inf(1)))
	switch {
	case !ok || f.Requested == nil:
		return 0, false
	case f.Promotes():
		// Its target is the new master, which may be acking writes before its answer
		// to the command is here.
		return *f.Requested, *f.Requested <= done+observed.LogSlack && slices.Contains(f.Targets, c.To)
	default:
		return from, from <= done && to+lasting >= done && f.HidesFromPeers(c.From)
	}
}

// noElection is why the time of an election is unknown.
func noElection(facts *observed.Facts, c observed.MasterChange) report.Reason {
	if !facts.HasLog(c.To) {
		return report.Reason{Why: report.WhyNoLog, Node: c.To}
	}
	return report.Reason{Why: report.WhyNoElectionLogged, Node: c.To}
}

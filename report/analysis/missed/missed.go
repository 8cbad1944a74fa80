// Package missed finds the masters that a fault hit and that nobody replaced, and says why not.
package missed

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Find finds the masters that a fault made unavailable and that no replica
// replaced, and says why not.
func Find(facts *observed.Facts, failovers []report.Failover) []report.Missed {
	missed := []report.Missed{}
	for i, f := range facts.Faults {
		if f.Effective == nil {
			continue
		}
		if f.Promotes() {
			missed = append(missed, missedByHand(facts, i, failovers)...)
			continue
		}
		for _, s := range facts.Started.Shards {
			master := facts.MasterAt(s.Shard, *f.Effective)
			until, first := awayUntil(facts, i, s.Shard, master)
			if !first {
				continue
			}
			replaced := slices.ContainsFunc(failovers, func(o report.Failover) bool {
				return o.Shard == s.Shard && o.OldMaster == master && o.At != nil && *o.At >= *f.Effective && *o.At <= until+facts.ReplacedLate()
			})
			if !slices.Contains(f.Targets, master) || replaced || !noticed(facts, master, s.Shard, *f.Effective, until) {
				continue
			}
			a := absence{facts, s, master, i, facts.AwayFrom(f, master), until}
			findings := append(a.told(), slices.DeleteFunc(facts.SilentNodes(a.from, until), func(f report.Finding) bool {
				return f.Evidence[0].Lasted() < facts.NodeTimeout()/2 // nobody is suspected for that, or late
			})...)
			missed = append(missed, missedFor(report.Missed{Shard: s.Shard, Master: master, Fault: i, From: a.from}, findings))
		}
	}
	return missed
}

// missedByHand finds the replicas that were asked to take over and did not.
func missedByHand(facts *observed.Facts, index int, failovers []report.Failover) (missed []report.Missed) {
	f := facts.Faults[index]
	for i, replica := range f.Targets {
		from := f.Asked()
		if i >= len(f.Shards) || slices.ContainsFunc(failovers, func(o report.Failover) bool {
			return o.NewMaster == replica && (o.Fault != nil && *o.Fault == index || o.At != nil && *o.At >= from-observed.LogSlack && *o.At <= from+manualTimeout)
		}) {
			continue
		}
		until := facts.NextFault(*f.Effective+observed.LogSlack, facts.End)
		findings := wonAlone(facts, replica, from, until)
		if len(findings) == 0 {
			findings = notElected(facts, replica, "", from, until)
		}
		for _, l := range facts.Logs(replica, record.LogManualFailover, from-observed.LogSlack, until) {
			if strings.Contains(l.Text, "timed out") {
				findings = append(findings, report.Finding{Cause: report.MissedManualTimeout, Node: replica, Evidence: []report.Evidence{l.Evidence()}})
			}
		}
		if len(findings) == 0 {
			findings = []report.Finding{{Cause: report.CauseUnknown, Node: replica, Evidence: []report.Evidence{facts.FaultEvidence(index, replica)}}}
		}
		missed = append(missed, missedFor(report.Missed{Shard: f.Shards[i], Master: facts.MasterAt(f.Shards[i], from), Fault: index, Asked: replica, From: from}, findings))
	}
	return missed
}

// manualTimeout is how long a planned failover may take before it is given up, in ms
// (CLUSTER_MF_TIMEOUT).
const manualTimeout = 5000

// awayUntil is when a master that a fault had hit was back, whatever other faults hit it
// meanwhile; not first if one had hit it before, as the master, and was still in force.
func awayUntil(facts *observed.Facts, index, shard int, master string) (until record.Millis, first bool) {
	from, until, _ := facts.Faults[index].InForce(facts.ObservedUntil())
	for again := true; again; {
		again = false
		for i, f := range facts.Faults {
			start, end, ok := f.InForce(facts.ObservedUntil())
			switch {
			case !ok || i == index || !f.Hits(master):
			case end >= from && (start < from || start == from && i < index) && facts.MasterAt(shard, start) == master:
				return 0, false
			case start <= until && end > until:
				until, again = end, true
			}
		}
	}
	return until, true
}

// missedFor completes a Missed by its findings.
func missedFor(m report.Missed, findings []report.Finding) report.Missed {
	m.Findings = findings
	m.Cause = m.Findings[0].Cause
	return m
}

// wonAlone tells of a replica that made itself master, and that no other node followed.
func wonAlone(facts *observed.Facts, replica string, from, until record.Millis) []report.Finding {
	won := facts.Logs(replica, record.LogElectionWon, from-observed.LogSlack, until)
	if len(won) == 0 {
		return nil
	}
	evidence := []report.Evidence{won[0].Evidence()}
	if started := facts.Logs(replica, record.LogElectionStarted, from-observed.LogSlack, won[0].At); len(started) > 0 {
		evidence = append(evidence, started[0].Evidence())
	}
	if back := facts.Logs(replica, record.LogReconfigured, won[0].At, until); len(back) > 0 {
		evidence = append(evidence, back[0].Evidence())
	}
	return []report.Finding{{Cause: report.MissedWonAlone, Node: replica, Evidence: evidence}}
}

// noticed tells whether a fault took a master away: from its clients, by its
// probes, or from its peers, by their flags.
func noticed(facts *observed.Facts, master string, shard int, from, until record.Millis) bool {
	if at, ok := facts.First(from, observed.Flagged(master, "pfail", "fail")); ok && at <= until+facts.NodeTimeout() {
		return true
	}
	covered := record.Millis(0)
	for _, r := range facts.Probes {
		if r.Node == master && r.Shard == shard {
			covered += max(0, min(r.To, until)-max(r.From, from))
		}
	}
	return len(facts.Probes) > 0 && covered < (until-from)/2
}

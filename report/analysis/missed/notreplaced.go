package missed

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// absence is a time in which a master of a shard was away because of a fault, and
// nobody replaced it.
type absence struct {
	*observed.Facts
	shard       record.Shard
	master      string
	fault       int
	from, until record.Millis
}

// told is its findings. Where the record ends before the absence does, what had not come about
// by then may still have.
func (a absence) told() []report.Finding {
	findings := a.findings()
	pending := []report.Cause{report.CauseUnknown, report.MissedShorterThanTimeout, report.MissedBackBeforeMajority, report.MissedBackBeforeElection, report.MissedNotElected}
	if a.Ended == nil && a.Faults[a.fault].Over == nil && slices.Contains(pending, findings[0].Cause) {
		hit := a.FaultEvidence(a.fault, a.master)
		hit.For = new(a.until - a.from)
		return []report.Finding{{Cause: report.MissedRecordEnds, Evidence: append([]report.Evidence{hit}, findings[0].Of("flag")...)}}
	}
	return findings
}

// findings say why nobody replaced it.
func (a absence) findings() []report.Finding {
	late := a.until + a.NodeTimeout() // flags and elections may come after the fault is over
	failed, hasFailed := a.First(a.from-observed.LogSlack, observed.MarkedFailed(a.master))
	since, still := a.stillFlagged("fail")
	if still {
		failed, hasFailed = a.from, true
	}
	if !hasFailed || failed > late {
		return []report.Finding{a.neverFailed()}
	}
	marked := observed.FlagEvidence(failed, a.master, "fail")
	if still {
		marked = observed.FlagEvidence(since, a.master, "fail")
	}
	replicas := replicasOf(a.Facts, a.shard, a.master, failed)
	if len(replicas) == 0 {
		return []report.Finding{a.noReplica(marked)}
	}
	if name, ok := isYes(a.Facts, "cluster-replica-no-failover", "cluster-slave-no-failover"); ok {
		return []report.Finding{{Cause: report.MissedReplicaNoFailover, Evidence: []report.Evidence{observed.Directive(name, "yes"), marked}}}
	}
	var findings []report.Finding
	for _, n := range replicas {
		findings = append(findings, a.ofReplica(n, failed, late)...)
	}
	switch cleared, ok := a.First(failed, observed.Flagged(a.master, "ok")); {
	case len(findings) > 0:
		return findings
	case ok:
		return []report.Finding{{Cause: report.MissedBackBeforeElection, Evidence: []report.Evidence{marked, observed.FlagEvidence(cleared, a.master, "ok")}}}
	default:
		return []report.Finding{{Cause: report.CauseUnknown, Evidence: []report.Evidence{marked}}}
	}
}

// noReplica tells a shard that never had a replica from one whose last one has migrated.
func (a absence) noReplica(marked report.Evidence) report.Finding {
	for _, e := range a.Events {
		r, ok := e.Data.(*record.Role)
		if !ok || e.At > a.from || r.Role != "replica" || r.Master == a.master || !slices.Contains(a.shard.Replicas, r.Node) {
			continue
		}
		return report.Finding{Cause: report.MissedMigrated, Node: r.Node, Evidence: []report.Evidence{{Kind: "role", Moment: &e.At, Node: r.Node, Name: r.Role, Value: r.Master}, marked}}
	}
	return report.Finding{Cause: report.MissedNoReplica, Evidence: []report.Evidence{marked}}
}

// ofReplica says why a replica did not replace a master that was marked as failed at a
// moment: first of all by its own log.
func (a absence) ofReplica(replica string, failed, late record.Millis) []report.Finding {
	if fault, ok := a.FaultOn(replica, failed); ok {
		return []report.Finding{{Cause: report.MissedReplicaDown, Node: replica, Evidence: []report.Evidence{a.FaultEvidence(fault, replica)}}}
	}
	if findings := notElected(a.Facts, replica, a.master, failed, late); len(findings) > 0 {
		return findings
	}
	if since, in := a.InSync(a.master, replica, a.from); !in {
		return []report.Finding{{Cause: report.MissedReplicaNotInSync, Node: replica, Evidence: []report.Evidence{observed.OutOfSync(replica, since)}}}
	}
	if before, _, ok := a.StoodBefore(replica, failed); ok {
		return []report.Finding{{Cause: report.MissedStoodBefore, Node: replica, Evidence: []report.Evidence{before.Evidence(), a.TimeoutEvidence()}}}
	}
	return nil
}

// neverFailed says why a master was not marked as failed.
func (a absence) neverFailed() report.Finding {
	timeout := a.NodeTimeout()
	hit := a.FaultEvidence(a.fault, a.master)
	hit.For = new(a.until - a.from)
	rests := []report.Evidence{a.TimeoutEvidence(), hit}
	suspected, ok := a.Suspected(a.master, a.from)
	ok = ok && suspected <= a.until+timeout
	if since, still := a.stillFlagged("pfail"); still {
		suspected, ok = since, true
	}
	tooShort := report.Finding{Cause: report.MissedShorterThanTimeout, Evidence: rests}
	if !ok && a.until-a.from <= timeout {
		return tooShort // whoever else was away
	}
	moment := suspected
	if !ok {
		moment = a.from + timeout
	}
	if evidence, none := a.NoMajority(moment); none {
		return report.Finding{Cause: report.MissedNoMajority, Evidence: evidence}
	}
	switch {
	case ok:
		return report.Finding{Cause: report.MissedBackBeforeMajority, Evidence: []report.Evidence{observed.FlagEvidence(suspected, a.master, "pfail")}}
	case a.until-a.from <= predict.LongestSuspicion(timeout):
		return tooShort
	case a.Faults[a.fault].Has(record.CutsOff) || a.Faults[a.fault].HidesFromClients(a.master) || a.Faults[a.fault].Has(record.Slows):
		return report.Finding{Cause: report.MissedReachedByPeers, Evidence: rests}
	default:
		return report.Finding{Cause: report.CauseUnknown, Evidence: rests}
	}
}

// stillFlagged is since when a node flagged the master when it was hit, from an absence before.
func (a absence) stillFlagged(flag string) (since record.Millis, still bool) {
	flagged := map[string]float64{} // by observer: since when
	for _, e := range a.Events {
		n, ok := e.Data.(*record.NodeFlag)
		if !ok || n.Subject != a.master || e.At >= a.from {
			continue
		}
		delete(flagged, n.Observer)
		if n.Flag == flag {
			flagged[n.Observer] = float64(e.At)
		}
	}
	for _, ms := range flagged {
		since, still = max(since, record.Millis(ms)), true
	}
	return since, still
}

// isYes tells whether a directive, by one of its names, is yes.
func isYes(facts *observed.Facts, names ...string) (name string, ok bool) {
	for _, name := range names {
		if facts.Started.Config[name] == "yes" {
			return name, true
		}
	}
	return "", false
}

// replicasOf are the replicas of a shard's master at a moment, by their own words; where
// none of the nodes has said what it is, those that the shard started with.
func replicasOf(facts *observed.Facts, s record.Shard, master string, ms record.Millis) (replicas []string) {
	roles := map[string]*record.Role{}
	for _, e := range facts.Events {
		if r, ok := e.Data.(*record.Role); ok && e.At <= ms {
			roles[r.Node] = r
		}
	}
	if len(roles) == 0 {
		return slices.DeleteFunc(append([]string{s.Master}, s.Replicas...), func(n string) bool { return n == master })
	}
	for node, r := range roles {
		if r.Role == "replica" && r.Master == master {
			replicas = append(replicas, node)
		}
	}
	slices.Sort(replicas)
	return replicas
}

// notElected says, from its log, why a replica did not replace its master.
func notElected(facts *observed.Facts, replica, master string, from, until record.Millis) []report.Finding {
	if blocked := facts.StandsNot(replica, from, until); len(blocked) > 0 {
		last := blocked[len(blocked)-1]
		cause := report.MissedBlocked
		if strings.HasPrefix(last.Reason, "Disconnected from master for longer than allowed") {
			cause = report.MissedReplicaStale
		}
		return []report.Finding{{Cause: cause, Node: replica, Evidence: []report.Evidence{last.ReasonEvidence()}}}
	}
	// A replica that goes on seeing its master as failed stands again after that is back.
	standing := facts.NextFault(until, facts.End)
	if started := facts.Logs(replica, record.LogElectionStarted, from-observed.LogSlack, standing); len(started) > 0 {
		return []report.Finding{lostElections(facts, replica, started, from, standing)}
	}
	delayed := facts.Logs(replica, record.LogElectionDelayed, from-observed.LogSlack, facts.End)
	cleared, back := facts.First(from, observed.Flagged(master, "ok"))
	if last := len(delayed) - 1; last >= 0 && facts.Ended != nil && delayed[last].At+record.Millis(delayed[last].Millis) > facts.End {
		return []report.Finding{{Cause: report.MissedRecordEnds, Node: replica, Evidence: []report.Evidence{delayed[last].Evidence()}}}
	}
	if len(delayed) > 0 && back {
		return []report.Finding{{Cause: report.MissedBackBeforeElection, Node: replica, Evidence: []report.Evidence{delayed[0].Evidence(), observed.FlagEvidence(cleared, master, "ok")}}}
	}
	return nil
}

// lostElections says why a replica that stood for election was not elected.
func lostElections(facts *observed.Facts, replica string, started []observed.LogLine, from, until record.Millis) report.Finding {
	f := report.Finding{Cause: report.MissedNotElected, Node: replica}
	for _, l := range started {
		f.Evidence = append(f.Evidence, l.Evidence())
	}
	if refused := refusedVotes(facts, replica, from, until); len(refused) > 0 {
		f.Cause, f.Evidence = report.MissedVotesRefused, append(f.Evidence, refused...)
	} else if away, none := facts.NoMajority(started[0].At); none {
		f.Cause, f.Evidence = report.MissedNoVoters, append(f.Evidence, away...)
	}
	return f
}

// refusedVotes are the lines in which masters refuse a replica their votes, one of each,
// for the reason that the first one gives.
func refusedVotes(facts *observed.Facts, replica string, from, until record.Millis) (by []report.Evidence) {
	var nodes []string
	reason := ""
	for _, refused := range facts.Logs("", record.LogVoteRefused, from-observed.LogSlack, until) {
		because := strings.TrimRight(refused.Reason, ".")
		if refused.Subject != replica || reason != "" && because != reason || slices.Contains(nodes, refused.Node) {
			continue
		}
		reason = because
		nodes, by = append(nodes, refused.Node), append(by, refused.ReasonEvidence())
	}
	return by
}

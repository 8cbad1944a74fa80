package report

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// absence is a time in which a master of a shard was away because of a fault, and
// nobody replaced it.
type absence struct {
	*history
	shard       record.Shard
	master      string
	fault       int
	from, until float64
}

// told is its findings. Where the record ends before the absence does, what had not come about
// by then may still have.
func (a absence) told() []Finding {
	findings := a.findings()
	pending := []Cause{CauseUnknown, MissedShorterThanTimeout, MissedBackBeforeMajority, MissedBackBeforeElection, MissedNotElected}
	if a.ended == nil && a.faults[a.fault].OverMS == nil && slices.Contains(pending, findings[0].Cause) {
		hit := a.faultEvidence(a.fault, a.master)
		hit.ForMS = new(a.until - a.from)
		return []Finding{{Cause: MissedRecordEnds, Evidence: append([]Evidence{hit}, findings[0].of("flag")...)}}
	}
	return findings
}

// findings say why nobody replaced it.
func (a absence) findings() []Finding {
	late := a.until + a.nodeTimeout() // flags and elections may come after the fault is over
	failed, hasFailed := a.first(a.from-logSlack, markedFailed(a.master))
	since, still := a.stillFlagged("fail")
	if still {
		failed, hasFailed = a.from, true
	}
	if !hasFailed || failed > late {
		return []Finding{a.neverFailed()}
	}
	marked := flagEvidence(failed, a.master, "fail")
	if still {
		marked = flagEvidence(since, a.master, "fail")
	}
	replicas := a.replicasOf(a.shard, a.master, failed)
	if len(replicas) == 0 {
		return []Finding{a.noReplica(marked)}
	}
	if name, ok := a.isYes("cluster-replica-no-failover", "cluster-slave-no-failover"); ok {
		return []Finding{{Cause: MissedReplicaNoFailover, Evidence: []Evidence{directive(name, "yes"), marked}}}
	}
	var findings []Finding
	for _, n := range replicas {
		findings = append(findings, a.ofReplica(n, failed, late)...)
	}
	switch cleared, ok := a.first(failed, flagged(a.master, "ok")); {
	case len(findings) > 0:
		return findings
	case ok:
		return []Finding{{Cause: MissedBackBeforeElection, Evidence: []Evidence{marked, flagEvidence(cleared, a.master, "ok")}}}
	default:
		return []Finding{{Cause: CauseUnknown, Evidence: []Evidence{marked}}}
	}
}

// noReplica tells a shard that never had a replica from one whose last one has migrated.
func (a absence) noReplica(marked Evidence) Finding {
	for _, e := range a.events {
		r, ok := e.Data.(*record.Role)
		if !ok || e.MS > a.from || r.Role != "replica" || r.Master == a.master || !slices.Contains(a.shard.Replicas, r.Node) {
			continue
		}
		return Finding{Cause: MissedMigrated, Node: r.Node, Evidence: []Evidence{{Kind: "role", MS: &e.MS, Node: r.Node, Name: r.Role, Value: r.Master}, marked}}
	}
	return Finding{Cause: MissedNoReplica, Evidence: []Evidence{marked}}
}

// ofReplica says why a replica did not replace a master that was marked as failed at a
// moment: first of all by its own log.
func (a absence) ofReplica(replica string, failed, late float64) []Finding {
	if fault, ok := a.faultOn(replica, failed); ok {
		return []Finding{{Cause: MissedReplicaDown, Node: replica, Evidence: []Evidence{a.faultEvidence(fault, replica)}}}
	}
	if findings := a.notElected(replica, a.master, failed, late); len(findings) > 0 {
		return findings
	}
	if since, in := a.inSync(a.master, replica, a.from); !in {
		return []Finding{{Cause: MissedReplicaNotInSync, Node: replica, Evidence: []Evidence{outOfSync(replica, since)}}}
	}
	if before, _, ok := a.stoodBefore(replica, failed); ok {
		return []Finding{{Cause: MissedStoodBefore, Node: replica, Evidence: []Evidence{before.evidence(), a.timeoutEvidence()}}}
	}
	return nil
}

// neverFailed says why a master was not marked as failed.
func (a absence) neverFailed() Finding {
	timeout := a.nodeTimeout()
	hit := a.faultEvidence(a.fault, a.master)
	hit.ForMS = new(a.until - a.from)
	rests := []Evidence{a.timeoutEvidence(), hit}
	suspected, ok := a.suspected(a.master, a.from)
	ok = ok && suspected <= a.until+timeout
	if since, still := a.stillFlagged("pfail"); still {
		suspected, ok = since, true
	}
	tooShort := Finding{Cause: MissedShorterThanTimeout, Evidence: rests}
	if !ok && a.until-a.from <= timeout {
		return tooShort // whoever else was away
	}
	moment := suspected
	if !ok {
		moment = a.from + timeout
	}
	if evidence, none := a.noMajority(moment); none {
		return Finding{Cause: MissedNoMajority, Evidence: evidence}
	}
	switch {
	case ok:
		return Finding{Cause: MissedBackBeforeMajority, Evidence: []Evidence{flagEvidence(suspected, a.master, "pfail")}}
	case a.until-a.from <= longestSuspicion(timeout):
		return tooShort
	case a.faults[a.fault].Has(record.CutsOff) || a.faults[a.fault].Has(record.Slows):
		return Finding{Cause: MissedReachedByPeers, Evidence: rests}
	default:
		return Finding{Cause: CauseUnknown, Evidence: rests}
	}
}

// stillFlagged is since when a node flagged the master when it was hit, from an absence before.
func (a absence) stillFlagged(flag string) (since float64, still bool) {
	flagged := map[string]float64{} // by observer: since when
	for _, e := range a.events {
		n, ok := e.Data.(*record.NodeFlag)
		if !ok || n.Subject != a.master || e.MS >= a.from {
			continue
		}
		delete(flagged, n.Observer)
		if n.Flag == flag {
			flagged[n.Observer] = e.MS
		}
	}
	for _, ms := range flagged {
		since, still = max(since, ms), true
	}
	return since, still
}

// isYes tells whether a directive, by one of its names, is yes.
func (h *history) isYes(names ...string) (name string, ok bool) {
	for _, name := range names {
		if h.started.Config[name] == "yes" {
			return name, true
		}
	}
	return "", false
}

// inSync tells whether a replica was in sync with its master at a moment, and since when
// it was not; it was, if nobody ever said otherwise.
func (h *history) inSync(master, replica string, ms float64) (since float64, in bool) {
	in = true
	for _, e := range h.events {
		if r, ok := e.Data.(*record.Replication); ok && e.MS <= ms && r.Replica == replica {
			if now := r.InSync && r.Master == master; now != in {
				since, in = e.MS, now
			}
		}
	}
	return since, in
}

func outOfSync(replica string, since float64) Evidence {
	return Evidence{Kind: "sync", MS: &since, Node: replica, Name: "out_of_sync"}
}

// replicasOf are the replicas of a shard's master at a moment, by their own words; where
// none of the nodes has said what it is, those that the shard started with.
func (h *history) replicasOf(s record.Shard, master string, ms float64) (replicas []string) {
	roles := map[string]*record.Role{}
	for _, e := range h.events {
		if r, ok := e.Data.(*record.Role); ok && e.MS <= ms {
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
func (h *history) notElected(replica, master string, from, until float64) []Finding {
	if blocked := h.standsNot(replica, from, until); len(blocked) > 0 {
		last := blocked[len(blocked)-1]
		cause := MissedBlocked
		if strings.HasPrefix(last.Reason, "Disconnected from master for longer than allowed") {
			cause = MissedReplicaStale
		}
		return []Finding{{Cause: cause, Node: replica, Evidence: []Evidence{last.reasonEvidence()}}}
	}
	// A replica that goes on seeing its master as failed stands again after that is back.
	standing := h.nextFault(until, h.end)
	if started := h.logs(replica, record.LogElectionStarted, from-logSlack, standing); len(started) > 0 {
		return []Finding{h.lostElections(replica, started, from, standing)}
	}
	delayed := h.logs(replica, record.LogElectionDelayed, from-logSlack, h.end)
	cleared, back := h.first(from, flagged(master, "ok"))
	if last := len(delayed) - 1; last >= 0 && h.ended != nil && delayed[last].ms+float64(delayed[last].Millis) > h.end {
		return []Finding{{Cause: MissedRecordEnds, Node: replica, Evidence: []Evidence{delayed[last].evidence()}}}
	}
	if len(delayed) > 0 && back {
		return []Finding{{Cause: MissedBackBeforeElection, Node: replica, Evidence: []Evidence{delayed[0].evidence(), flagEvidence(cleared, master, "ok")}}}
	}
	return nil
}

// lostElections says why a replica that stood for election was not elected.
func (h *history) lostElections(replica string, started []logLine, from, until float64) Finding {
	f := Finding{Cause: MissedNotElected, Node: replica}
	for _, l := range started {
		f.Evidence = append(f.Evidence, l.evidence())
	}
	if refused := h.refusedVotes(replica, from, until); len(refused) > 0 {
		f.Cause, f.Evidence = MissedVotesRefused, append(f.Evidence, refused...)
	} else if away, none := h.noMajority(started[0].ms); none {
		f.Cause, f.Evidence = MissedNoVoters, append(f.Evidence, away...)
	}
	return f
}

// refusedVotes are the lines in which masters refuse a replica their votes, one of each,
// for the reason that the first one gives.
func (h *history) refusedVotes(replica string, from, until float64) (by []Evidence) {
	var nodes []string
	reason := ""
	for _, refused := range h.logs("", record.LogVoteRefused, from-logSlack, until) {
		because := strings.TrimRight(refused.Reason, ".")
		if refused.Subject != replica || reason != "" && because != reason || slices.Contains(nodes, refused.Node) {
			continue
		}
		reason = because
		nodes, by = append(nodes, refused.Node), append(by, refused.reasonEvidence())
	}
	return by
}

// standsNot are the lines in which a replica says why it does not stand for
// election; that it waits for its delay or for votes is none.
func (h *history) standsNot(replica string, from, until float64) []logLine {
	return slices.DeleteFunc(h.logs(replica, record.LogElectionBlocked, from-logSlack, until), func(l logLine) bool {
		return strings.HasPrefix(l.Reason, "Waiting")
	})
}

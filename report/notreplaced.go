package report

import (
	"fmt"
	"math"
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
	kind        string // of the fault
	faults      []Fault
	from, until float64
}

// findings say why nobody replaced it.
func (a absence) findings() []Finding {
	late := a.until + a.nodeTimeout() // flags and elections may come after the fault is over
	failed, hasFailed := a.first(a.from-logSlack, markedFailed(a.master))
	if !hasFailed || failed > late {
		return []Finding{a.neverFailed()}
	}
	marked := flagEvidence(failed, a.master, "fail")
	replicas := a.replicasOf(a.shard, a.master, failed)
	if len(replicas) == 0 {
		return []Finding{{MissedNoReplica, "", []Evidence{marked}, "the shard has no replica"}}
	}
	if name, ok := a.isYes("cluster-replica-no-failover", "cluster-slave-no-failover"); ok {
		return []Finding{{MissedReplicaNoFailover, "", []Evidence{directive(name, "yes"), marked},
			fmt.Sprintf("it was marked as failed after %s, and %s is yes: its replicas do not stand for election by themselves", Duration(failed-a.from), name)}}
	}
	var findings []Finding
	for _, n := range replicas {
		findings = append(findings, a.ofReplica(n, failed, late)...)
	}
	switch cleared, ok := a.first(failed, flagged(a.master, "ok")); {
	case len(findings) > 0:
		return findings
	case ok:
		return []Finding{{MissedBackBeforeElection, "", []Evidence{marked, flagEvidence(cleared, a.master, "ok")},
			fmt.Sprintf("it was marked as failed after %s and was back %s later, before a replica stood for election", Duration(failed-a.from), Duration(cleared-failed))}}
	default:
		return []Finding{{MissedUnknown, "", []Evidence{marked},
			fmt.Sprintf("it was marked as failed after %s, and no replica is seen to have stood for election", Duration(failed-a.from))}}
	}
}

// ofReplica says why a replica did not replace a master that was marked as failed at a
// moment: first of all by its own log.
func (a absence) ofReplica(replica string, failed, late float64) []Finding {
	if fault, ok := faultOn(a.faults, replica, failed); ok {
		return []Finding{{MissedReplicaDown, replica, []Evidence{faultEvidence(a.faults, fault, replica)}, fmt.Sprintf("a fault had hit %s, too", replica)}}
	}
	if findings := a.notElected(replica, a.master, failed, late); len(findings) > 0 {
		return findings
	}
	if !a.inSync(a.master, replica, a.from) {
		return []Finding{{MissedReplicaNotInSync, replica, nil, fmt.Sprintf("%s was not in sync with it when it was hit", replica)}}
	}
	return nil
}

// neverFailed says why a master was not marked as failed.
func (a absence) neverFailed() Finding {
	timeout := a.nodeTimeout()
	bound := directive("cluster-node-timeout", fmt.Sprintf("%.0f", timeout))
	suspected, ok := a.first(a.from, flagged(a.master, "pfail"))
	ok = ok && suspected <= a.until+timeout
	span := Duration(a.until - a.from)
	tooShort := Finding{MissedShorterThanTimeout, "", []Evidence{bound},
		fmt.Sprintf("it was away for %s, and a node is suspected after cluster-node-timeout (%s) at the earliest", span, Duration(timeout))}
	if !ok && a.until-a.from <= timeout {
		return tooShort // whoever else was away
	}
	moment := suspected
	if !ok {
		moment = a.from + timeout
	}
	away, evidence := a.mastersAway(a.faults, moment)
	masters := a.started.Masters
	if left := masters - len(away); left < masters/2+1 {
		verb := "were"
		if left == 1 {
			verb = "was"
		}
		return Finding{MissedNoMajority, "", evidence, fmt.Sprintf("only %d of %d masters %s left, and %d must agree that a node failed", left, masters, verb, masters/2+1)}
	}
	switch {
	case ok:
		return Finding{MissedBackBeforeMajority, "", []Evidence{flagEvidence(suspected, a.master, "pfail")},
			fmt.Sprintf("it was suspected after %s, and back before a majority of masters agreed", Duration(suspected-a.from))}
	case a.until-a.from <= a.longestSuspicion():
		return tooShort
	case a.kind == disconnectKind:
		return Finding{MissedReachedByPeers, "", []Evidence{bound},
			fmt.Sprintf("the other nodes reached it all the time: none suspected it in %s, and suspicion takes %s at the most", span, Duration(a.longestSuspicion()))}
	default:
		return Finding{MissedUnknown, "", []Evidence{bound}, fmt.Sprintf("no other node is seen to have suspected it in %s", span)}
	}
}

// disconnectKind is the fault that takes a node off a network, and leaves it running.
const disconnectKind = "disconnect"

// mastersAway lists the masters that a fault kept away at a moment.
func (h *history) mastersAway(faults []Fault, ms float64) (away []string, evidence []Evidence) {
	for _, s := range h.started.Shards {
		m := h.masterAt(s.Shard, ms)
		if fault, ok := faultOn(faults, m, ms); ok && !slices.Contains(away, m) {
			away, evidence = append(away, m), append(evidence, faultEvidence(faults, fault, m))
		}
	}
	return away, evidence
}

// faultOn is the fault that is in force on a node at a moment.
func faultOn(faults []Fault, node string, ms float64) (index int, ok bool) {
	for i, f := range faults {
		if from, to, took := inForce(f, math.Inf(1)); took && from <= ms && to >= ms && slices.Contains(f.Targets, node) {
			index, ok = i, true
		}
	}
	return index, ok
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

// inSync tells whether a replica was in sync with its master at a moment; so it
// was, if nobody ever said otherwise.
func (h *history) inSync(master, replica string, ms float64) bool {
	in := true
	for _, e := range h.events {
		if r, ok := e.Data.(*record.Replication); ok && e.MS <= ms && r.Replica == replica {
			in = r.InSync && r.Master == master
		}
	}
	return in
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
	blocked := h.standsNot(replica, from, until)
	if len(blocked) > 0 {
		last := blocked[len(blocked)-1]
		cause := MissedBlocked
		if strings.HasPrefix(last.Reason, "Disconnected from master for longer than allowed") {
			cause = MissedReplicaStale
		}
		return []Finding{{cause, replica, []Evidence{last.evidence()}, fmt.Sprintf("%s did not stand: “%s”", replica, strings.TrimRight(last.Reason, "."))}}
	}
	// A replica that goes on seeing its master as failed stands again after that is back.
	standing := h.nextFault(until, h.end)
	if started := h.logs(replica, record.LogElectionStarted, from-logSlack, standing); len(started) > 0 {
		refused, by := h.refusedVotes(replica, from, standing)
		cause := MissedNotElected
		if len(by) > 0 {
			cause = MissedVotesRefused
		}
		return []Finding{{cause, replica, append([]Evidence{started[0].evidence()}, by...), fmt.Sprintf("%s stood %s and was not elected%s", replica, times(len(started)), refused)}}
	}
	delayed := h.logs(replica, record.LogElectionDelayed, from-logSlack, until)
	cleared, back := h.first(from, flagged(master, "ok"))
	if len(delayed) > 0 && back {
		return []Finding{{MissedBackBeforeElection, replica, []Evidence{delayed[0].evidence(), flagEvidence(cleared, master, "ok")},
			fmt.Sprintf("%s had a delay of %s before its election, and %s was back %s after it was marked as failed",
				replica, Duration(float64(delayed[0].Millis)), master, Duration(cleared-from))}}
	}
	return nil
}

// refusedVotes says who refused a replica its vote, and why the first one did.
func (h *history) refusedVotes(replica string, from, until float64) (told string, by []Evidence) {
	var nodes []string
	reason := ""
	for _, refused := range h.logs("", record.LogVoteRefused, from-logSlack, until) {
		because := strings.TrimRight(refused.Reason, ".")
		if refused.Subject != replica || reason != "" && because != reason || slices.Contains(nodes, refused.Node) {
			continue
		}
		reason = because
		nodes, by = append(nodes, refused.Node), append(by, refused.evidence())
	}
	switch len(nodes) {
	case 0:
		return "", nil
	case 1:
		return fmt.Sprintf(": %s refused its vote: “%s”", nodes[0], reason), by
	default:
		slices.Sort(nodes)
		return fmt.Sprintf(": %s refused their votes: “%s”", list(nodes), reason), by
	}
}

// standsNot are the lines in which a replica says why it does not stand for
// election; that it waits for its delay or for votes is none.
func (h *history) standsNot(replica string, from, until float64) []logLine {
	return slices.DeleteFunc(h.logs(replica, record.LogElectionBlocked, from-logSlack, until), func(l logLine) bool {
		return strings.HasPrefix(l.Reason, "Waiting")
	})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

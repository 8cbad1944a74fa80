package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// missedOf finds the masters that a fault made unavailable and that no replica
// replaced, and says why not.
func missedOf(h *history, faults []Fault, failovers []Failover) []Missed {
	missed := []Missed{}
	for i, f := range faults {
		if f.EffectiveMS == nil {
			continue
		}
		if f.Kind == failoverKind {
			missed = append(missed, missedByHand(h, i, f, failovers)...)
			continue
		}
		until := h.end
		if f.HealedMS != nil {
			until = *f.HealedMS
		}
		for _, s := range h.started.Shards {
			master := h.masterAt(s.Shard, *f.EffectiveMS)
			replaced := slices.ContainsFunc(failovers, func(o Failover) bool {
				return o.Shard == s.Shard && o.OldMaster == master && o.AtMS != nil && *o.AtMS >= *f.EffectiveMS && *o.AtMS <= until+2*h.nodeTimeout()
			})
			if !slices.Contains(f.Targets, master) || replaced || !h.noticed(master, s.Shard, *f.EffectiveMS, until) {
				continue
			}
			missed = append(missed, Missed{Shard: s.Shard, Master: master, Fault: i, Reason: h.whyNot(s, master, faults, *f.EffectiveMS, until) + h.andStalls(master, *f.EffectiveMS, until)})
		}
	}
	return missed
}

// missedByHand finds the replicas that were asked to take over and did not.
func missedByHand(h *history, index int, f Fault, failovers []Failover) (missed []Missed) {
	for i, replica := range f.Targets {
		if i >= len(f.shards) || slices.ContainsFunc(failovers, func(o Failover) bool {
			return o.Fault != nil && *o.Fault == index && o.NewMaster == replica
		}) {
			continue
		}
		from := *f.EffectiveMS
		if f.RequestedMS != nil {
			from = *f.RequestedMS
		}
		until := h.nextFault(*f.EffectiveMS+logSlack, h.end)
		reasons := h.wonAlone(replica, from, until)
		if len(reasons) == 0 {
			reasons = h.notElected(replica, "", from, until)
		}
		for _, l := range h.logs(replica, record.LogManualFailover, from-logSlack, until) {
			if text := strings.TrimRight(l.Text, "."); strings.Contains(text, "timed out") {
				reasons = append(reasons, fmt.Sprintf("%s logged %s later “%s”", replica, Duration(l.ms-from), text))
			}
		}
		if len(reasons) == 0 {
			reasons = []string{fmt.Sprintf("the log of %s does not say why", replica)}
		}
		missed = append(missed, Missed{Shard: f.shards[i], Master: h.masterAt(f.shards[i], from), Fault: index,
			Reason: fmt.Sprintf("%s was told to take over; %s", replica, strings.Join(reasons, "; "))})
	}
	return missed
}

// wonAlone tells of a replica that made itself master, and that no other node
// followed.
func (h *history) wonAlone(replica string, from, until float64) []string {
	won := h.logs(replica, record.LogElectionWon, from-logSlack, until)
	if len(won) == 0 {
		return nil
	}
	reason := fmt.Sprintf("%s later its log says “%s”", Duration(max(0, won[0].ms-from)), strings.TrimRight(won[0].Text, "."))
	if len(h.logs(replica, record.LogElectionStarted, from-logSlack, won[0].ms)) == 0 {
		reason += ", without an election: it counted the votes of an earlier one"
	}
	if back := h.logs(replica, record.LogReconfigured, won[0].ms, until); len(back) > 0 {
		reason += fmt.Sprintf("; it was master for %s until it heard of an owner with a later epoch, and what it acked meanwhile is not in the data set of that one", Duration(back[0].ms-won[0].ms))
	}
	return []string{reason}
}

// noticed tells whether a fault took a master away: from its clients, by its
// probes, or from its peers, by their flags.
func (h *history) noticed(master string, shard int, from, until float64) bool {
	if at, ok := h.first(from, flagged(master, "pfail", "fail")); ok && at <= until+h.nodeTimeout() {
		return true
	}
	covered := 0.0
	for _, r := range h.probes {
		if r.node == master && r.shard == shard {
			covered += max(0, min(r.to, until)-max(r.from, from))
		}
	}
	return len(h.probes) > 0 && covered < (until-from)/2
}

// whyNot says why nobody replaced a master that was away between two moments.
func (h *history) whyNot(s record.Shard, master string, faults []Fault, from, until float64) string {
	timeout := h.nodeTimeout()
	late := until + timeout // flags and elections may come after the fault is over
	failed, hasFailed := h.first(from-logSlack, func(d record.Data) bool { return saysFailed(master, d) || flagged(master, "fail")(d) })
	if !hasFailed || failed > late {
		return h.neverFailed(master, faults, from, until)
	}
	var replicas []string
	for _, n := range h.membersOf(s) {
		if n != master {
			replicas = append(replicas, n)
		}
	}
	if len(replicas) == 0 {
		return "the shard has no replica"
	}
	var reasons []string
	for _, n := range replicas {
		if h.faulty(n, failed) {
			reasons = append(reasons, fmt.Sprintf("a fault had hit %s, too", n))
			continue
		}
		if !h.inSync(master, n, from) {
			reasons = append(reasons, fmt.Sprintf("%s was not in sync with it when it was hit", n))
			continue
		}
		reasons = append(reasons, h.notElected(n, master, failed, late)...)
	}
	if cleared, ok := h.first(failed, flagged(master, "ok")); ok && len(reasons) == 0 {
		return fmt.Sprintf("it was marked as failed after %s and was back %s later, before a replica stood for election", Duration(failed-from), Duration(cleared-failed))
	}
	if len(reasons) == 0 {
		return fmt.Sprintf("it was marked as failed after %s, and no replica is seen to have stood for election", Duration(failed-from))
	}
	return strings.Join(reasons, "; ")
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

// andStalls tells of nodes that stood still meanwhile.
func (h *history) andStalls(master string, from, until float64) string {
	s := h.stallsBetween(from, until)
	switch {
	case s == "":
		return ""
	case h.announcesNames:
		return "; " + s + ". " + strings.TrimSuffix(namesStall(master), ".")
	default:
		return "; " + s
	}
}

// membersOf are the nodes that were in a shard when the run started.
func (h *history) membersOf(s record.Shard) []string {
	return append([]string{s.Master}, s.Replicas...)
}

// neverFailed says why a master was not marked as failed.
func (h *history) neverFailed(master string, faults []Fault, from, until float64) string {
	timeout := h.nodeTimeout()
	suspected, ok := h.first(from, flagged(master, "pfail"))
	if !ok || suspected > until+timeout {
		return fmt.Sprintf("it was away for %s, and a node is suspected after cluster-node-timeout (%s) at the earliest", Duration(until-from), Duration(timeout))
	}
	var away []string
	for _, s := range h.started.Shards {
		for _, f := range faults {
			if m := h.masterAt(s.Shard, suspected); f.EffectiveMS != nil && *f.EffectiveMS <= suspected &&
				(f.HealedMS == nil || *f.HealedMS >= suspected) && slices.Contains(f.Targets, m) && !slices.Contains(away, m) {
				away = append(away, m)
			}
		}
	}
	masters := h.started.Masters
	if left := masters - len(away); left < masters/2+1 {
		verb := "were"
		if left == 1 {
			verb = "was"
		}
		return fmt.Sprintf("only %d of %d masters %s left, and %d must agree that a node failed", left, masters, verb, masters/2+1)
	}
	return fmt.Sprintf("it was suspected after %s, and back before a majority of masters agreed", Duration(suspected-from))
}

// notElected says, from its log, why a replica did not replace its master.
func (h *history) notElected(replica, master string, from, until float64) []string {
	blocked := h.standsNot(replica, from, until)
	if len(blocked) > 0 {
		last := blocked[len(blocked)-1]
		return []string{fmt.Sprintf("%s did not stand: “%s”", replica, strings.TrimRight(last.Reason, "."))}
	}
	// A replica that goes on seeing its master as failed stands again after that is back.
	standing := h.nextFault(until, h.end)
	if started := h.logs(replica, record.LogElectionStarted, from-logSlack, standing); len(started) > 0 {
		return []string{fmt.Sprintf("%s stood %s and was not elected%s", replica, times(len(started)), h.refusedVotes(replica, from, standing))}
	}
	delayed := h.logs(replica, record.LogElectionDelayed, from-logSlack, until)
	cleared, back := h.first(from, flagged(master, "ok"))
	if len(delayed) > 0 && back {
		return []string{fmt.Sprintf("%s had a delay of %s before its election, and %s was back %s after it was marked as failed",
			replica, Duration(float64(delayed[0].Millis)), master, Duration(cleared-from))}
	}
	return nil
}

// refusedVotes says who refused a replica its vote, and why the first one did.
func (h *history) refusedVotes(replica string, from, until float64) string {
	var nodes []string
	reason := ""
	for _, refused := range h.logs("", record.LogVoteRefused, from-logSlack, until) {
		because := strings.TrimRight(refused.Reason, ".")
		if refused.Subject != replica || reason != "" && because != reason || slices.Contains(nodes, refused.Node) {
			continue
		}
		reason = because
		nodes = append(nodes, refused.Node)
	}
	switch len(nodes) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(": %s refused its vote: “%s”", nodes[0], reason)
	default:
		slices.Sort(nodes)
		return fmt.Sprintf(": %s refused their votes: “%s”", list(nodes), reason)
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

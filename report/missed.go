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
			a := absence{h, s, master, f.Kind, faults, *f.EffectiveMS, until}
			missed = append(missed, missedFor(Missed{Shard: s.Shard, Master: master, Fault: i}, a.findings(), h.andStalls(master, a.from, until)))
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
		findings := h.wonAlone(replica, from, until)
		if len(findings) == 0 {
			findings = h.notElected(replica, "", from, until)
		}
		for _, l := range h.logs(replica, record.LogManualFailover, from-logSlack, until) {
			if text := strings.TrimRight(l.Text, "."); strings.Contains(text, "timed out") {
				findings = append(findings, Finding{MissedManualTimeout, replica, []Evidence{l.evidence()},
					fmt.Sprintf("%s logged %s later “%s”", replica, Duration(l.ms-from), text)})
			}
		}
		if len(findings) == 0 {
			findings = []Finding{{MissedUnknown, replica, nil, fmt.Sprintf("the log of %s does not say why", replica)}}
		}
		m := missedFor(Missed{Shard: f.shards[i], Master: h.masterAt(f.shards[i], from), Fault: index}, findings, "")
		m.Reason = fmt.Sprintf("%s was told to take over; %s", replica, m.Reason)
		missed = append(missed, m)
	}
	return missed
}

// missedFor completes a Missed by its findings, and by what else is told with them.
func missedFor(m Missed, findings []Finding, more string) Missed {
	m.Cause, m.Findings = findings[0].Cause, findings
	var reasons []string
	for _, f := range findings {
		reasons = append(reasons, f.text)
	}
	m.Reason = strings.Join(reasons, "; ") + more
	return m
}

// wonAlone tells of a replica that made itself master, and that no other node
// followed.
func (h *history) wonAlone(replica string, from, until float64) []Finding {
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
	return []Finding{{MissedWonAlone, replica, []Evidence{won[0].evidence()}, reason}}
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

// andStalls tells of nodes that did not respond meanwhile.
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

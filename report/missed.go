package report

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// missedOf finds the masters that a fault made unavailable and that no replica
// replaced, and says why not.
func missedOf(h *history, failovers []Failover) []Missed {
	missed := []Missed{}
	for i, f := range h.faults {
		if f.EffectiveMS == nil {
			continue
		}
		if f.promotes() {
			missed = append(missed, missedByHand(h, i, failovers)...)
			continue
		}
		for _, s := range h.started.Shards {
			master := h.masterAt(s.Shard, *f.EffectiveMS)
			until, first := h.awayUntil(i, s.Shard, master)
			if !first {
				continue
			}
			replaced := slices.ContainsFunc(failovers, func(o Failover) bool {
				return o.Shard == s.Shard && o.OldMaster == master && o.AtMS != nil && *o.AtMS >= *f.EffectiveMS && *o.AtMS <= until+h.replacedLate()
			})
			if !slices.Contains(f.Targets, master) || replaced || !h.noticed(master, s.Shard, *f.EffectiveMS, until) {
				continue
			}
			a := absence{h, s, master, i, h.awayFrom(f, master), until}
			findings := append(a.told(), slices.DeleteFunc(h.silentNodes(a.from, until), func(f Finding) bool {
				return f.Evidence[0].forMS() < h.nodeTimeout()/2 // nobody is suspected for that, or late
			})...)
			missed = append(missed, missedFor(Missed{Shard: s.Shard, Master: master, Fault: i, FromMS: a.from}, findings))
		}
	}
	return missed
}

// missedByHand finds the replicas that were asked to take over and did not.
func missedByHand(h *history, index int, failovers []Failover) (missed []Missed) {
	f := h.faults[index]
	for i, replica := range f.Targets {
		from := f.asked()
		if i >= len(f.shards) || slices.ContainsFunc(failovers, func(o Failover) bool {
			return o.NewMaster == replica && (o.Fault != nil && *o.Fault == index || o.AtMS != nil && *o.AtMS >= from-logSlack && *o.AtMS <= from+manualTimeout)
		}) {
			continue
		}
		until := h.nextFault(*f.EffectiveMS+logSlack, h.end)
		findings := h.wonAlone(replica, from, until)
		if len(findings) == 0 {
			findings = h.notElected(replica, "", from, until)
		}
		for _, l := range h.logs(replica, record.LogManualFailover, from-logSlack, until) {
			if strings.Contains(l.Text, "timed out") {
				findings = append(findings, Finding{Cause: MissedManualTimeout, Node: replica, Evidence: []Evidence{l.evidence()}})
			}
		}
		if len(findings) == 0 {
			findings = []Finding{{Cause: CauseUnknown, Node: replica, Evidence: []Evidence{h.faultEvidence(index, replica)}}}
		}
		missed = append(missed, missedFor(Missed{Shard: f.shards[i], Master: h.masterAt(f.shards[i], from), Fault: index, Asked: replica, FromMS: from}, findings))
	}
	return missed
}

// manualTimeout is how long a planned failover may take before it is given up, in ms
// (CLUSTER_MF_TIMEOUT).
const manualTimeout = 5000

// awayUntil is when a master that a fault had hit was back, whatever other faults hit it
// meanwhile; not first if one had hit it before, as the master, and was still in force.
func (h *history) awayUntil(index, shard int, master string) (until float64, first bool) {
	from, until, _ := h.faults[index].InForce(h.observedUntil())
	for again := true; again; {
		again = false
		for i, f := range h.faults {
			start, end, ok := f.InForce(h.observedUntil())
			switch {
			case !ok || i == index || !f.hits(master):
			case end >= from && (start < from || start == from && i < index) && h.masterAt(shard, start) == master:
				return 0, false
			case start <= until && end > until:
				until, again = end, true
			}
		}
	}
	return until, true
}

// missedFor completes a Missed by its findings.
func missedFor(m Missed, findings []Finding) Missed {
	m.Findings = findings
	m.Cause = m.Findings[0].Cause
	return m
}

// wonAlone tells of a replica that made itself master, and that no other node followed.
func (h *history) wonAlone(replica string, from, until float64) []Finding {
	won := h.logs(replica, record.LogElectionWon, from-logSlack, until)
	if len(won) == 0 {
		return nil
	}
	evidence := []Evidence{won[0].evidence()}
	if started := h.logs(replica, record.LogElectionStarted, from-logSlack, won[0].ms); len(started) > 0 {
		evidence = append(evidence, started[0].evidence())
	}
	if back := h.logs(replica, record.LogReconfigured, won[0].ms, until); len(back) > 0 {
		evidence = append(evidence, back[0].evidence())
	}
	return []Finding{{Cause: MissedWonAlone, Node: replica, Evidence: evidence}}
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

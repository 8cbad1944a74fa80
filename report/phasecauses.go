package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// noiseMS is how much longer than predicted a phase may take unexplained.
const noiseMS = 150

// leastPart is the least part of a phase's excess that a cause must explain, as one in so many.
const leastPart = 5

// excess is how much longer the phase took than it is predicted to.
func (p Phase) excess() float64 {
	if p.PredictedMS == nil {
		return 0
	}
	return max(0, p.TookMS-p.PredictedMS[1])
}

// weighed is a finding and how much time it explains, in ms.
type weighed struct {
	Finding
	ms float64
}

// explainPhases finds out why phases took longer than the configuration lets them.
func (h *history) explainPhases(f *Failover, c change) {
	for i := range f.Phases {
		p := &f.Phases[i]
		if p.excess() < noiseMS {
			continue
		}
		from := f.FromMS + p.FromMS
		to := from + p.TookMS
		causes := h.delays(c, from, to)
		if p.Name == phaseSuspicion || p.Name == phaseAgreement {
			causes = append(causes, h.stillAnswered(*f, from, to)...)
		}
		switch p.Name {
		case phaseSuspicion, phaseAgreement, phaseVotes:
			if lasted, evidence := h.withoutMajority(c.to, from, to); lasted > 0 {
				causes = append(causes, weighed{Finding{Cause: PhaseNoMajority, Evidence: evidence}, lasted})
			}
		case phaseDelay:
			causes = append(causes, h.delaysOfPlanned(*f, c, from, to)...)
			causes = append(causes, h.withoutLink(c.to, from, to)...)
			if before, again, ok := h.stoodBefore(c.to, from); ok && again <= to+cronMS {
				causes = append(causes, weighed{Finding{Cause: PhaseStoodBefore, Node: c.to, Evidence: []Evidence{before.evidence(), h.timeoutEvidence()}}, p.excess()})
			}
		case phaseOpening:
			causes = append(causes, h.refusals(c, from, to)...)
			for j, fault := range h.faults {
				if since, until, _ := fault.InForce(h.end); fault.clientsOnly && fault.hits(c.to) && since < to && until > from {
					causes = append(causes, weighed{Finding{Cause: PhaseClientsCutOff, Node: c.to, Evidence: []Evidence{h.faultEvidence(j, c.to)}}, min(until, to) - max(since, from)})
				}
			}
		}
		p.Findings = sorted(slices.DeleteFunc(causes, func(w weighed) bool { return w.ms > 0 && w.ms < p.excess()/leastPart }))
		if len(p.Findings) == 0 {
			p.Findings = []Finding{{Cause: CauseUnknown}}
		}
	}
}

// stillAnswered is that the old master may have gone on answering between two moments, as a
// fault had left it some CPU time: nobody suspects it before it has been late for long enough.
func (h *history) stillAnswered(f Failover, from, to float64) []weighed {
	if f.Fault == nil || !h.faults[*f.Fault].Has(record.Slows) {
		return nil
	}
	evidence, lasted := []Evidence{h.faultEvidence(*f.Fault, f.OldMaster)}, 0.0
	rows := slices.DeleteFunc(slices.Clone(h.rowsIn(f.OldMaster, from, to)), func(r row) bool { return stateOf(r.answer) == "silent" })
	if len(rows) > 0 {
		last := slices.MaxFunc(rows, func(a, b row) int { return cmp.Compare(a.till, b.till) })
		until := min(last.till, to)
		evidence, lasted = append(evidence, probeEvidence(f.OldMaster, last.answer, last.from, until)), until-from
	}
	return []weighed{{Finding{Cause: PhaseStillAnswering, Node: f.OldMaster, Evidence: evidence}, lasted}}
}

// delaysOfPlanned are what held up the election of a failover that was asked for: its master did
// not hear of it, because of a fault, or the replica had an election scheduled already.
func (h *history) delaysOfPlanned(f Failover, c change, from, to float64) (causes []weighed) {
	if f.Origin != OriginManual {
		return nil
	}
	for i, fault := range h.faults {
		if since, until, _ := fault.InForce(h.end); fault.hidesFromPeers(c.from) && since < to && until > from {
			causes = append(causes, weighed{Finding{Cause: PhaseMasterAway, Node: c.from, Evidence: []Evidence{h.faultEvidence(i, c.from)}}, min(until, to) - max(since, from)})
		}
	}
	for _, l := range h.logs(c.to, record.LogElectionDelayed, from-maxDelay, from) {
		if due := l.ms + float64(l.Millis); due > from && due <= to+cronMS {
			causes = append(causes, weighed{Finding{Cause: PhaseScheduled, Node: c.to, Evidence: []Evidence{l.evidence()}}, due - from})
		}
	}
	return causes
}

// withoutLink is a replica's having no link to its master when that was marked as failed, and
// getting it again: its data may be too old until then, which it logs only 5 s later
// (clusterLogCantFailover).
func (h *history) withoutLink(replica string, from, to float64) []weighed {
	var down *Evidence
	for _, e := range h.events {
		l, ok := e.Data.(*record.MasterLink)
		switch {
		case !ok || l.Replica != replica || e.MS > to:
		case !l.Up && e.MS <= from:
			down = &Evidence{Kind: "link", MS: new(e.MS), Node: replica, Name: "down"}
		case l.Up && e.MS <= from:
			down = nil
		case l.Up && down != nil:
			down.ForMS = new(e.MS - down.ms())
			return []weighed{{Finding{Cause: PhaseNoLink, Node: replica, Evidence: []Evidence{*down}}, e.MS - from}}
		}
	}
	return nil
}

// sorted are the findings alone, that which explains most first.
func sorted(causes []weighed) (findings []Finding) {
	slices.SortStableFunc(causes, func(a, b weighed) int { return cmp.Compare(b.ms, a.ms) })
	for _, c := range causes {
		findings = append(findings, c.Finding)
	}
	return findings
}

// delays are what the record shows that can have held up a failover between two
// moments.
func (h *history) delays(c change, from, to float64) (causes []weighed) {
	if late, _ := h.starvation(from, to); late != nil && late.forMS() > stallMS {
		causes = append(causes, weighed{Finding{Cause: PhaseStarved, Evidence: []Evidence{*late}}, late.forMS()})
	}
	for _, silent := range h.silentNodes(from, to) {
		causes = append(causes, weighed{silent, silent.Evidence[0].forMS()})
	}
	for i, fault := range h.faults {
		since, until, ok := fault.InForce(h.end)
		if ok && fault.hidesFromPeers(c.to) && since < to && until > from {
			causes = append(causes, weighed{Finding{Cause: PhaseReplicaDown, Node: c.to, Evidence: []Evidence{h.faultEvidence(i, c.to)}}, min(until, to) - max(since, from)})
		}
	}
	for _, logged := range []struct {
		cause Cause
		node  string
		lines []logLine
	}{
		{PhaseElectionExpired, c.to, h.logs(c.to, record.LogElectionExpired, from, to)},
		{PhaseBlocked, c.to, h.standsNot(c.to, from, to)},
		{PhaseVotesRefused, c.to, h.refusedTo(c.to, from, to)},
		{PhaseSlow, "", h.logs("", record.LogSlow, max(0, from-h.nodeTimeout()), to)},
	} {
		if evidence := onceEach(logged.lines); len(evidence) > 0 {
			causes = append(causes, weighed{Finding{Cause: logged.cause, Node: logged.node, Evidence: evidence}, 0})
		}
	}
	return causes
}

// refusedTo are the lines in which masters refuse a replica their votes between two moments.
func (h *history) refusedTo(replica string, from, to float64) []logLine {
	return slices.DeleteFunc(h.logs("", record.LogVoteRefused, from, to), func(l logLine) bool { return l.Subject != replica })
}

// onceEach is log lines as evidence, each text once; advice on the machine's settings,
// which is given at each start, is left out.
func onceEach(lines []logLine) (evidence []Evidence) {
	for _, l := range lines {
		said := slices.ContainsFunc(evidence, func(e Evidence) bool { return e.Value == l.evidence().Value })
		if advice := strings.HasPrefix(l.Text, "WARNING "); !advice && !said {
			evidence = append(evidence, l.evidence())
		}
	}
	return evidence
}

// stoodBefore is the election that a replica had held or scheduled before a moment, if that
// keeps it from standing: it does again after four times cluster-node-timeout, and at
// least 4 s (auth_retry_time in clusterHandleSlaveFailover, which counts from when the
// election was due). A server that forgets a won election is not bound by it.
func (h *history) stoodBefore(replica string, moment float64) (before logLine, again float64, ok bool) {
	retry := retryAfter(h.nodeTimeout())
	for _, kind := range []record.LogKind{record.LogElectionStarted, record.LogElectionDelayed} {
		for _, l := range h.logs(replica, kind, moment-retry-maxDelay, moment-logSlack) {
			if due := l.ms + float64(l.Millis); due < moment && (!ok || due+retry > again) {
				before, again, ok = l, due+retry, true
			}
		}
	}
	return before, again, ok && again >= moment
}

// retryAfter is how long after an election was due a replica stands again, in ms.
func retryAfter(timeout float64) float64 { return max(4*timeout, 4000) }

// maxDelay bounds the delay that a replica may have chosen for its election, in ms: of
// many ranks.
const maxDelay = 20_000

// refusals are what a new master answered before it took its first write.
func (h *history) refusals(c change, from, to float64) (causes []weighed) {
	lasted, since := map[string]float64{}, map[string]float64{}
	var answers []string
	for _, r := range h.rowsIn(c.to, from, to) {
		span := min(r.till, to) - max(r.from, from)
		if span <= 0 || r.answer == record.ProbeAck || stateOf(r.answer) == "silent" {
			continue
		}
		if lasted[r.answer] == 0 {
			answers, since[r.answer] = append(answers, r.answer), max(r.from, from)
		}
		lasted[r.answer] += span
	}
	for _, answer := range answers {
		if lasted[answer] < stallMS {
			continue
		}
		f := Finding{Cause: PhaseRefused, Node: c.to, Evidence: []Evidence{probeEvidence(c.to, answer, since[answer], since[answer]+lasted[answer])}}
		if answer == "clusterdown" {
			h.explainRefusal(&f, c, from, to)
		}
		causes = append(causes, weighed{f, lasted[answer]})
	}
	return causes
}

// explainRefusal finds out why a new master answered CLUSTERDOWN between two moments: other
// shards had no master, of which the last one to get one counts, or it had been cut off
// from most masters not long before (among_minority_time in clusterUpdateState).
func (h *history) explainRefusal(f *Finding, c change, from, to float64) {
	if others := h.othersUncovered(c.shard, from, to); len(others) > 0 {
		f.Cause = PhaseCoverage
		slices.SortStableFunc(others, func(a, b uncovered) int { return cmp.Compare(b.to, a.to) })
		f.Evidence = append(f.Evidence, h.fullCoverage())
		for _, u := range others {
			f.Evidence = append(f.Evidence, u.evidence())
		}
		return
	}
	if evidence := h.majorityBack(from, to); len(evidence) > 0 {
		f.Cause, f.Evidence = PhaseRejoining, append(f.Evidence, evidence...)
	} else if ready, ok := h.restarted(c.to, from); ok {
		f.Cause, f.Evidence = PhaseRejoining, append(f.Evidence, ready.evidence())
	}
}

// fullCoverage is cluster-require-full-coverage, which is yes where nothing is configured.
func (h *history) fullCoverage() Evidence {
	return directive("cluster-require-full-coverage", cmp.Or(h.started.Config["cluster-require-full-coverage"], "yes"))
}

// rejoinDelay is how long a master that had lost touch with most masters takes no writes
// once it reaches them again, in ms (clusterUpdateState).
func (h *history) rejoinDelay() float64 { return min(max(h.nodeTimeout(), 500), 5000) }

// suspicions are what the record shows of a failover that nothing asked for.
func (h *history) suspicions(c change, before float64) []Finding {
	from := max(0, before-4*h.nodeTimeout())
	var causes []weighed
	if late, _ := h.starvation(from, before); late != nil && late.forMS() > stallMS {
		causes = append(causes, weighed{Finding{Cause: PhaseStarved, Evidence: []Evidence{*late}}, late.forMS()})
	}
	if s := h.longestStall(c.from, from, before); h.isStall(s.length()) {
		causes = append(causes, weighed{Finding{Cause: PhaseNodesSilent, Node: c.from, Evidence: []Evidence{probeEvidence(c.from, "silent", s.from, s.to)}}, s.length()})
	}
	if evidence := onceEach(h.logs(c.from, record.LogSlow, from, before)); len(evidence) > 0 {
		causes = append(causes, weighed{Finding{Cause: PhaseSlow, Node: c.from, Evidence: evidence}, 0})
	}
	findings := sorted(causes)
	if len(findings) == 0 {
		findings = []Finding{{Cause: CauseUnknown}}
	}
	for _, e := range h.events {
		n, ok := e.Data.(*record.NodeFlag)
		if ok && e.MS >= from && e.MS <= before && n.Subject == c.from && n.Flag != "ok" {
			findings[0].Evidence = append(findings[0].Evidence, flagEvidence(e.MS, c.from, n.Flag))
			break
		}
	}
	return findings
}

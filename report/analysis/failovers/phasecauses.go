package failovers

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// leastPart is the least part of a phase's excess that a cause must explain, as one in so many.
const leastPart = 5

// weighed is a finding and how much time it explains, in ms.
type weighed struct {
	report.Finding
	ms record.Millis
}

// explainPhases finds out why phases took longer than the configuration lets them.
func explainPhases(facts *observed.Facts, f *report.Failover, c observed.MasterChange) {
	for i := range f.Phases {
		p := &f.Phases[i]
		if p.Excess() < report.Noise {
			continue
		}
		from := f.From + p.From
		to := from + p.Took
		causes := delays(facts, c, from, to)
		if p.Name == report.SuspicionPhase || p.Name == report.AgreementPhase {
			causes = append(causes, stillAnswered(facts, *f, from, to)...)
		}
		switch p.Name {
		case report.SuspicionPhase, report.AgreementPhase, report.VotesPhase:
			if lasted, evidence := facts.WithoutMajority(c.To, from, to); lasted > 0 {
				causes = append(causes, weighed{report.Finding{Cause: report.PhaseNoMajority, Evidence: evidence}, lasted})
			}
		case report.DelayPhase:
			causes = append(causes, delaysOfPlanned(facts, *f, c, from, to)...)
			causes = append(causes, withoutLink(facts, c.To, from, to)...)
			if before, again, ok := facts.StoodBefore(c.To, from); ok && again <= to+predict.Cron {
				causes = append(causes, weighed{report.Finding{Cause: report.PhaseStoodBefore, Node: c.To, Evidence: []report.Evidence{before.Evidence(), facts.TimeoutEvidence()}}, p.Excess()})
			}
		case report.OpeningPhase:
			causes = append(causes, refusals(facts, c, from, to)...)
			for j, fault := range facts.Faults {
				if since, until, _ := fault.InForce(facts.End); fault.HidesFromClients(c.To) && since < to && until > from {
					causes = append(causes, weighed{report.Finding{Cause: report.PhaseClientsCutOff, Node: c.To, Evidence: []report.Evidence{facts.FaultEvidence(j, c.To)}}, min(until, to) - max(since, from)})
				}
			}
		}
		p.Findings = sorted(slices.DeleteFunc(causes, func(w weighed) bool { return w.ms > 0 && w.ms < (p.Excess()/leastPart) }))
		if len(p.Findings) == 0 {
			p.Findings = []report.Finding{{Cause: report.CauseUnknown}}
		}
	}
}

// stillAnswered is that the old master may have gone on answering between two moments, as a
// fault had left it some CPU time: nobody suspects it before it has been late for long enough.
func stillAnswered(facts *observed.Facts, f report.Failover, from, to record.Millis) []weighed {
	if f.Fault == nil || !facts.Faults[*f.Fault].Has(record.Slows) {
		return nil
	}
	evidence, lasted := []report.Evidence{facts.FaultEvidence(*f.Fault, f.OldMaster)}, record.Millis(0)
	rows := slices.DeleteFunc(slices.Clone(facts.RowsIn(f.OldMaster, from, to)), func(r observed.Row) bool { return record.AnswerClass(r.Answer) == "silent" })
	if len(rows) > 0 {
		last := slices.MaxFunc(rows, func(a, b observed.Row) int { return cmp.Compare(a.Till, b.Till) })
		until := min(last.Till, to)
		evidence, lasted = append(evidence, observed.ProbeEvidence(f.OldMaster, last.Answer, last.From, until)), until-from
	}
	return []weighed{{report.Finding{Cause: report.PhaseStillAnswering, Node: f.OldMaster, Evidence: evidence}, lasted}}
}

// delaysOfPlanned are what held up the election of a failover that was asked for: its master did
// not hear of it, because of a fault, or the replica had an election scheduled already.
func delaysOfPlanned(facts *observed.Facts, f report.Failover, c observed.MasterChange, from, to record.Millis) (causes []weighed) {
	if f.Origin != report.OriginManual {
		return nil
	}
	for i, fault := range facts.Faults {
		if since, until, _ := fault.InForce(facts.End); fault.HidesFromPeers(c.From) && since < to && until > from {
			causes = append(causes, weighed{report.Finding{Cause: report.PhaseMasterAway, Node: c.From, Evidence: []report.Evidence{facts.FaultEvidence(i, c.From)}}, min(until, to) - max(since, from)})
		}
	}
	for _, l := range facts.Logs(c.To, record.LogElectionDelayed, from-observed.MaxDelay, from) {
		if due := l.At + record.Millis(l.Millis); due > from && due <= to+predict.Cron {
			causes = append(causes, weighed{report.Finding{Cause: report.PhaseScheduled, Node: c.To, Evidence: []report.Evidence{l.Evidence()}}, due - from})
		}
	}
	return causes
}

// withoutLink is a replica's having no link to its master when that was marked as failed, and
// getting it again: its data may be too old until then, which it logs only 5 s later
// (clusterLogCantFailover).
func withoutLink(facts *observed.Facts, replica string, from, to record.Millis) []weighed {
	var down *report.Evidence
	for _, e := range facts.Events {
		l, ok := e.Data.(*record.MasterLink)
		switch {
		case !ok || l.Replica != replica || e.At > to:
		case !l.Up && e.At <= from:
			down = &report.Evidence{Kind: "link", Moment: new(e.At), Node: replica, Name: "down"}
		case l.Up && e.At <= from:
			down = nil
		case l.Up && down != nil:
			down.For = new(e.At - down.At())
			return []weighed{{report.Finding{Cause: report.PhaseNoLink, Node: replica, Evidence: []report.Evidence{*down}}, e.At - from}}
		}
	}
	return nil
}

// sorted are the findings alone, that which explains most first.
func sorted(causes []weighed) (findings []report.Finding) {
	slices.SortStableFunc(causes, func(a, b weighed) int { return cmp.Compare(b.ms, a.ms) })
	for _, c := range causes {
		findings = append(findings, c.Finding)
	}
	return findings
}

// delays are what the record shows that can have held up a failover between two
// moments.
func delays(facts *observed.Facts, c observed.MasterChange, from, to record.Millis) (causes []weighed) {
	if late, _ := facts.Starvation(from, to); late != nil && late.Lasted() > observed.Stall {
		causes = append(causes, weighed{report.Finding{Cause: report.PhaseStarved, Evidence: []report.Evidence{*late}}, late.Lasted()})
	}
	for _, silent := range facts.SilentNodes(from, to) {
		causes = append(causes, weighed{silent, silent.Evidence[0].Lasted()})
	}
	for i, fault := range facts.Faults {
		since, until, ok := fault.InForce(facts.End)
		if ok && fault.HidesFromPeers(c.To) && since < to && until > from {
			causes = append(causes, weighed{report.Finding{Cause: report.PhaseReplicaDown, Node: c.To, Evidence: []report.Evidence{facts.FaultEvidence(i, c.To)}}, min(until, to) - max(since, from)})
		}
	}
	for _, logged := range []struct {
		cause report.Cause
		node  string
		lines []observed.LogLine
	}{
		{report.PhaseElectionExpired, c.To, facts.Logs(c.To, record.LogElectionExpired, from, to)},
		{report.PhaseBlocked, c.To, facts.StandsNot(c.To, from, to)},
		{report.PhaseVotesRefused, c.To, refusedTo(facts, c.To, from, to)},
		{report.PhaseSlow, "", facts.Logs("", record.LogSlow, max(0, from-facts.NodeTimeout()), to)},
	} {
		if evidence := observed.OnceEach(logged.lines); len(evidence) > 0 {
			causes = append(causes, weighed{report.Finding{Cause: logged.cause, Node: logged.node, Evidence: evidence}, 0})
		}
	}
	return causes
}

// refusedTo are the lines in which masters refuse a replica their votes between two moments.
func refusedTo(facts *observed.Facts, replica string, from, to record.Millis) []observed.LogLine {
	return slices.DeleteFunc(facts.Logs("", record.LogVoteRefused, from, to), func(l observed.LogLine) bool { return l.Subject != replica })
}

// refusals are what a new master answered before it took its first write.
func refusals(facts *observed.Facts, c observed.MasterChange, from, to record.Millis) (causes []weighed) {
	lasted, since := map[string]float64{}, map[string]float64{}
	var answers []string
	for _, r := range facts.RowsIn(c.To, from, to) {
		span := min(r.Till, to) - max(r.From, from)
		if span <= 0 || r.Answer == record.ProbeAck || record.AnswerClass(r.Answer) == "silent" {
			continue
		}
		if lasted[r.Answer] == 0 {
			answers, since[r.Answer] = append(answers, r.Answer), float64(max(r.From, from))
		}
		lasted[r.Answer] += float64(span)
	}
	for _, answer := range answers {
		if lasted[answer] < observed.Stall {
			continue
		}
		f := report.Finding{Cause: report.PhaseRefused, Node: c.To, Evidence: []report.Evidence{observed.ProbeEvidence(c.To, answer, record.Millis(since[answer]), record.Millis(since[answer])+record.Millis(lasted[answer]))}}
		if answer == "clusterdown" {
			explainRefusal(facts, &f, c, from, to)
		}
		causes = append(causes, weighed{f, record.Millis(lasted[answer])})
	}
	return causes
}

// explainRefusal finds out why a new master answered CLUSTERDOWN between two moments: other
// shards had no master, of which the last one to get one counts, or it had been cut off
// from most masters not long before (among_minority_time in clusterUpdateState).
func explainRefusal(facts *observed.Facts, f *report.Finding, c observed.MasterChange, from, to record.Millis) {
	if others := facts.OthersUncovered(c.Shard, from, to); len(others) > 0 {
		f.Cause = report.PhaseCoverage
		slices.SortStableFunc(others, func(a, b observed.Uncovered) int { return cmp.Compare(b.To, a.To) })
		f.Evidence = append(f.Evidence, facts.FullCoverage())
		for _, u := range others {
			f.Evidence = append(f.Evidence, u.Evidence())
		}
		return
	}
	if evidence := facts.MajorityBack(from, to); len(evidence) > 0 {
		f.Cause, f.Evidence = report.PhaseRejoining, append(f.Evidence, evidence...)
	} else if ready, ok := facts.Restarted(c.To, from); ok {
		f.Cause, f.Evidence = report.PhaseRejoining, append(f.Evidence, ready.Evidence())
	}
}

// suspicions are what the record shows of a failover that nothing asked for.
func suspicions(facts *observed.Facts, c observed.MasterChange, before record.Millis) []report.Finding {
	from := max(0, before-(4*facts.NodeTimeout()))
	var causes []weighed
	if late, _ := facts.Starvation(from, before); late != nil && late.Lasted() > observed.Stall {
		causes = append(causes, weighed{report.Finding{Cause: report.PhaseStarved, Evidence: []report.Evidence{*late}}, late.Lasted()})
	}
	if s := facts.LongestStall(c.From, from, before); facts.IsStall(s.Length()) {
		causes = append(causes, weighed{report.Finding{Cause: report.PhaseNodesSilent, Node: c.From, Evidence: []report.Evidence{observed.ProbeEvidence(c.From, "silent", s.From, s.To)}}, s.Length()})
	}
	if evidence := observed.OnceEach(facts.Logs(c.From, record.LogSlow, from, before)); len(evidence) > 0 {
		causes = append(causes, weighed{report.Finding{Cause: report.PhaseSlow, Node: c.From, Evidence: evidence}, 0})
	}
	findings := sorted(causes)
	if len(findings) == 0 {
		findings = []report.Finding{{Cause: report.CauseUnknown}}
	}
	for _, e := range facts.Events {
		n, ok := e.Data.(*record.NodeFlag)
		if ok && e.At >= from && e.At <= before && n.Subject == c.From && n.Flag != "ok" {
			findings[0].Evidence = append(findings[0].Evidence, observed.FlagEvidence(e.At, c.From, n.Flag))
			break
		}
	}
	return findings
}

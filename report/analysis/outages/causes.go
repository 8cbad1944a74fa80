package outages

import (
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// refusal is the cause that an answer of a server is by itself.
func refusal(answer string) (report.Cause, bool) {
	cause, ok := map[string]report.Cause{
		"noreplicas": report.OutageMinReplicas, "oom": report.OutageOutOfMemory, "misconf": report.OutageDisk, "readonly": report.OutageReadOnly, "loading": report.OutageLoading,
		"noauth": report.OutageNoPermission, "noperm": report.OutageNoPermission, "wrongpass": report.OutageNoPermission, "maxclients": report.OutageOutOfClients,
	}[answer]
	return cause, ok
}

// longestAnswer is the longest unbroken time in an outage for which one of the shard's
// masters gave an answer, or none.
func longestAnswer(facts *observed.Facts, o report.Outage, answer string) report.Evidence {
	longest := observed.ProbeEvidence(o.Node, answer, o.From, o.From)
	for _, master := range facts.MastersIn(o.Shard, observed.Period{From: o.From, To: o.To}) {
		if answer == "silent" {
			until := o.From
			for _, r := range slices.Concat(facts.RowsIn(master, o.From, o.To), []observed.Row{{From: o.To, Till: o.To}}) {
				if record.AnswerClass(r.Answer) == "silent" {
					continue
				}
				longest = longerOf(longest, observed.ProbeEvidence(master, answer, until, max(until, r.From)))
				until = max(until, r.Till)
			}
			continue
		}
		for _, r := range facts.RowsIn(master, o.From, o.To) {
			if from, to := max(r.From, o.From), min(r.Till, o.To); r.Answer == answer && from < to {
				longest = longerOf(longest, observed.ProbeEvidence(master, answer, from, to))
			}
		}
	}
	return longest
}

func longerOf(a, b report.Evidence) report.Evidence {
	if b.Lasted() > a.Lasted() {
		return b
	}
	return a
}

// explain finds the cause of an outage: what its masters answered for most of it, or
// what had silenced them.
func explain(facts *observed.Facts, o *report.Outage) {
	o.Cause = report.CauseUnknown
	if len(o.Answers) == 0 {
		return
	}
	most := o.LongestAnswers()[0]
	o.Evidence = append(o.Evidence, longestAnswer(facts, *o, most))
	if cause, ok := refusal(most); ok {
		o.Cause = cause
		if name := map[report.Cause]string{report.OutageMinReplicas: "min-replicas-to-write", report.OutageOutOfMemory: "maxmemory", report.OutageOutOfClients: "maxclients"}[cause]; facts.Started.Config[name] != "" {
			o.Evidence = append(o.Evidence, observed.Directive(name, facts.Started.Config[name]))
		}
		return
	}
	switch master, fault, hit := silencedBy(facts, *o, most); {
	case most == "clusterdown":
		explainClusterDown(facts, o)
	case hit:
		o.Cause = report.OutageMasterDown
		if facts.Faults[fault].HidesFromClients(master) {
			o.Cause = report.OutageClientsCutOff
		}
		o.Node = master
		o.Evidence = append(o.Evidence, facts.FaultEvidence(fault, master))
		for i, f := range facts.Faults { // and what hit it meanwhile
			if from, to, _ := f.InForce(facts.End); i != fault && f.Hits(master) && from < o.To && to > o.From {
				o.Evidence = append(o.Evidence, facts.FaultEvidence(i, master))
			}
		}
	case most == "silent":
		explainSilence(facts, o)
	case most == "moved" || most == "ask":
		o.Cause = report.OutageRedirected
	}
}

// explainSilence finds why masters that no fault had hit gave no answer.
func explainSilence(facts *observed.Facts, o *report.Outage) {
	late, tooLate := facts.Starvation(o.From, o.To)
	asked, manual := askedIn(facts, *o)
	incident, came := observed.IncidentOn(facts.Incidents, o.Node, o.From+(o.Length()/2), facts.NodeTimeout())
	switch {
	case late != nil && tooLate > o.Length()/2:
		o.Cause, o.Evidence = report.OutageStarved, append(o.Evidence, *late)
	case came && incident.Ended():
		o.Cause, o.Evidence = report.OutageDied, append(o.Evidence, observed.IncidentEvidence(incident))
	case came:
		o.Cause, o.Evidence = report.OutageIncident, append(o.Evidence, observed.IncidentEvidence(incident))
	case manual:
		o.Cause, o.Evidence = report.OutageManual, append(o.Evidence, facts.FaultEvidence(asked, strings.Join(facts.Faults[asked].Targets, ", ")))
	case facts.AnnouncesNames:
		o.Cause = report.OutageResolver
	case tookConnections(facts, *o):
		o.Cause, o.Evidence = report.OutageEventLoop, append(o.Evidence, observed.OnceEach(facts.Logs(o.Node, record.LogSlow, o.From-observed.Stall, o.To+facts.NodeTimeout()))...)
	default:
		o.Cause = report.OutageNotResponding
	}
}

// tookConnections tells whether a silent master was there all the same: its kernel took the
// probes in, and the server answered none of them, or late.
func tookConnections(facts *observed.Facts, o report.Outage) bool {
	return !slices.ContainsFunc(facts.RowsIn(o.Node, o.From, o.To), func(r observed.Row) bool {
		return r.Till > o.From && r.From < o.To && record.AnswerClass(r.Answer) == "silent" && r.Answer != "timeout"
	})
}

// askedIn is the planned failover of the shard that was asked for in an outage, or right
// before it.
func askedIn(facts *observed.Facts, o report.Outage) (index int, ok bool) {
	for i, f := range facts.Faults {
		if f.AsksMaster() && f.Requested != nil && slices.Contains(f.Shards, o.Shard) && *f.Requested >= o.From-report.Noticeable && *f.Requested <= o.To {
			return i, true
		}
	}
	return 0, false
}

// silencedBy is the fault that an answer of a master of the shard, or none, comes of: it was in
// force on it when an outage began, or for most of it, or had been shortly before and the master
// was not back yet: one that is killed has to start and to load.
func silencedBy(facts *observed.Facts, o report.Outage, answer string) (master string, fault int, ok bool) {
	most, first := record.Millis(-1), false
	for _, m := range facts.MastersIn(o.Shard, observed.Period{From: o.From, To: o.To}) {
		for i, f := range facts.Faults {
			_, to, took := f.InForce(facts.End)
			from := f.Asked() // a server that is told to end takes no more writes from then on
			back := recoveredBefore(facts, m, answer, to, o.From)
			if f.Has(record.Slows) {
				back = to+catchUp < o.From || caughtUp(facts, m, to, o.From)
			}
			if !took || !f.Hits(m) || from > o.To || to+facts.NodeTimeout() < o.From || back {
				continue
			}
			overlap := max(0, min(to, o.To)-max(from, o.From))
			began := from <= o.From+report.Noticeable
			if (began || overlap > o.Length()/2 && !first) && (overlap > most || began && !first) {
				master, fault, ok, most, first = m, i, true, overlap, began
			}
		}
	}
	return master, fault, ok
}

// catchUp is how long a server may be late after a limit of its CPU time was lifted, in ms.
const catchUp = 1000

// caughtUp tells whether a node had worked off what had piled up in a fault that left it some
// CPU time, before an outage: it had answered without a break since that was over.
func caughtUp(facts *observed.Facts, node string, over, from record.Millis) bool {
	return slices.ContainsFunc(facts.RowsIn(node, over, from), func(r observed.Row) bool {
		return record.AnswerClass(r.Answer) != "silent" && min(r.Till, from)-max(r.From, over) >= report.Noticeable
	})
}

// recoveredBefore tells whether a node had come back from a fault that was over, before an
// outage in which it gave an answer began: from one that keeps it silent, it has once it
// answers, and from one that makes it refuse writes, once it acks.
func recoveredBefore(facts *observed.Facts, node, answer string, over, from record.Millis) bool {
	return over < from && slices.ContainsFunc(facts.RowsIn(node, over, from), func(r observed.Row) bool {
		back := r.Answer == record.ProbeAck || answer == "silent" && record.AnswerClass(r.Answer) != "silent"
		return back && r.Till > over && (r.From < from || r.Till <= from)
	})
}

// explainClusterDown finds why masters answered CLUSTERDOWN.
func explainClusterDown(facts *observed.Facts, o *report.Outage) {
	o.Cause = report.OutageClusterDown
	put := func(cause report.Cause, evidence ...report.Evidence) {
		o.Cause, o.Evidence = cause, append(o.Evidence, evidence...)
	}
	master, fault, hit := silencedBy(facts, *o, "clusterdown")
	others, uncovered, cutOff := facts.OthersUncovered(o.Shard, o.From, o.To), record.Millis(0), record.Millis(0)
	if len(others) > 0 {
		uncovered = others[0].Overlap(o.From, o.To)
	}
	if hit {
		from, to, _ := facts.Faults[fault].InForce(facts.End)
		cutOff = answered(facts, master, "clusterdown", max(from, o.From), min(to, o.To))
	}
	if cutOff > o.Answers["clusterdown"]/2 && cutOff >= uncovered {
		put(report.OutageNoMajority, facts.FaultEvidence(fault, master)) // it was cut off, and knew it
		return
	}
	if uncovered > 0 && uncovered >= o.Answers["clusterdown"]/2 {
		put(report.OutageCoverage, facts.FullCoverage())
		for _, u := range others {
			o.Evidence = append(o.Evidence, u.Evidence())
		}
		return
	}
	if lasted, evidence := facts.WithoutMajority(o.Node, o.From, o.To); lasted >= o.Answers["clusterdown"]/2 && lasted > 0 {
		put(report.OutageNoMajority, evidence...)
		return
	}
	if hit && !stillIn(facts, facts.Faults[fault], o.To) {
		put(report.OutageRejoining, facts.FaultEvidence(fault, master))
		return
	}
	if evidence := facts.MajorityBack(o.From, o.To); len(evidence) > 0 {
		put(report.OutageRejoining, evidence...)
		return
	}
	for _, m := range facts.MastersIn(o.Shard, observed.Period{From: o.From, To: o.To}) {
		if ready, ok := facts.Restarted(m, o.From); ok {
			put(report.OutageRejoining, ready.Evidence())
			o.Node = m
			return
		}
		for i, f := range facts.Faults { // which a master may notice after it is over
			if _, over, _ := f.InForce(facts.End); f.HidesFromPeers(m) && over <= o.From && over+facts.NodeTimeout() > o.From {
				put(report.OutageRejoining, facts.FaultEvidence(i, m))
				o.Node = m
				return
			}
		}
	}
}

// stillIn tells whether a fault is in force at a moment.
func stillIn(facts *observed.Facts, f observed.Fault, ms record.Millis) bool {
	from, to, ok := f.InForce(record.Millis(math.Inf(1)))
	return ok && from <= ms && to >= ms
}

// answered is for how long a node gave an answer between two moments, in ms.
func answered(facts *observed.Facts, node, answer string, from, to record.Millis) (all record.Millis) {
	for _, r := range facts.RowsIn(node, from, to) {
		if r.Answer == answer {
			all += max(0, min(r.Till, to)-max(r.From, from))
		}
	}
	return all
}

package report

import (
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// refusal is the cause that an answer of a server is by itself.
func refusal(answer string) (Cause, bool) {
	cause, ok := map[string]Cause{
		"noreplicas": OutageMinReplicas, "oom": OutageOutOfMemory, "misconf": OutageDisk, "readonly": OutageReadOnly, "loading": OutageLoading,
		"noauth": OutageNoPermission, "noperm": OutageNoPermission, "wrongpass": OutageNoPermission, "maxclients": OutageOutOfClients,
	}[answer]
	return cause, ok
}

// longestAnswer is the longest unbroken time in an outage for which one of the shard's
// masters gave an answer, or none.
func (h *history) longestAnswer(o Outage, answer string) Evidence {
	longest := probeEvidence(o.Node, answer, o.FromMS, o.FromMS)
	for _, master := range h.mastersIn(o.Shard, period{o.FromMS, o.ToMS}) {
		if answer == "silent" {
			until := o.FromMS
			for _, r := range slices.Concat(h.rowsIn(master, o.FromMS, o.ToMS), []row{{from: o.ToMS, till: o.ToMS}}) {
				if stateOf(r.answer) == "silent" {
					continue
				}
				longest = longerOf(longest, probeEvidence(master, answer, until, max(until, r.from)))
				until = max(until, r.till)
			}
			continue
		}
		for _, r := range h.rowsIn(master, o.FromMS, o.ToMS) {
			if from, to := max(r.from, o.FromMS), min(r.till, o.ToMS); r.answer == answer && from < to {
				longest = longerOf(longest, probeEvidence(master, answer, from, to))
			}
		}
	}
	return longest
}

func longerOf(a, b Evidence) Evidence {
	if b.forMS() > a.forMS() {
		return b
	}
	return a
}

// explain finds the cause of an outage: what its masters answered for most of it, or
// what had silenced them.
func (h *history) explain(o *Outage) {
	o.Cause = CauseUnknown
	if len(o.Answers) == 0 {
		return
	}
	most := o.longestAnswers()[0]
	o.Evidence = append(o.Evidence, h.longestAnswer(*o, most))
	if cause, ok := refusal(most); ok {
		o.Cause = cause
		if name := map[Cause]string{OutageMinReplicas: "min-replicas-to-write", OutageOutOfMemory: "maxmemory", OutageOutOfClients: "maxclients"}[cause]; h.started.Config[name] != "" {
			o.Evidence = append(o.Evidence, directive(name, h.started.Config[name]))
		}
		return
	}
	switch master, fault, hit := h.silencedBy(*o, most); {
	case most == "clusterdown":
		h.explainClusterDown(o)
	case hit:
		o.Cause = OutageMasterDown
		if h.faults[fault].clientsOnly {
			o.Cause = OutageClientsCutOff
		}
		o.Node = master
		o.Evidence = append(o.Evidence, h.faultEvidence(fault, master))
		for i, f := range h.faults { // and what hit it meanwhile
			if from, to, _ := f.InForce(h.end); i != fault && f.hits(master) && from < o.ToMS && to > o.FromMS {
				o.Evidence = append(o.Evidence, h.faultEvidence(i, master))
			}
		}
	case most == "silent":
		h.explainSilence(o)
	case most == "moved" || most == "ask":
		o.Cause = OutageRedirected
	}
}

// explainSilence finds why masters that no fault had hit gave no answer.
func (h *history) explainSilence(o *Outage) {
	late, lateMS := h.starvation(o.FromMS, o.ToMS)
	asked, manual := h.askedIn(*o)
	incident, came := incidentOn(h.incidents, o.Node, o.FromMS+o.length()/2, h.nodeTimeout())
	switch {
	case late != nil && lateMS > o.length()/2:
		o.Cause, o.Evidence = OutageStarved, append(o.Evidence, *late)
	case came && incident.ended():
		o.Cause, o.Evidence = OutageDied, append(o.Evidence, incidentEvidence(incident))
	case came:
		o.Cause, o.Evidence = OutageIncident, append(o.Evidence, incidentEvidence(incident))
	case manual:
		o.Cause, o.Evidence = OutageManual, append(o.Evidence, h.faultEvidence(asked, strings.Join(h.faults[asked].Targets, ", ")))
	case h.announcesNames:
		o.Cause = OutageResolver
	case h.tookConnections(*o):
		o.Cause, o.Evidence = OutageEventLoop, append(o.Evidence, onceEach(h.logs(o.Node, record.LogSlow, o.FromMS-stallMS, o.ToMS+h.nodeTimeout()))...)
	default:
		o.Cause = OutageNotResponding
	}
}

// tookConnections tells whether a silent master was there all the same: its kernel took the
// probes in, and the server answered none of them, or late.
func (h *history) tookConnections(o Outage) bool {
	return !slices.ContainsFunc(h.rowsIn(o.Node, o.FromMS, o.ToMS), func(r row) bool {
		return r.till > o.FromMS && r.from < o.ToMS && stateOf(r.answer) == "silent" && r.answer != "timeout"
	})
}

// asksMaster tells whether a fault is a planned failover in which the master holds writes
// back: with FORCE or TAKEOVER it is not asked.
func (f fault) asksMaster() bool { return f.promotes() && !f.forced() }

func (f fault) forced() bool { return f.promotes() && f.Has(record.Forces) }

// askedIn is the planned failover of the shard that was asked for in an outage, or right
// before it.
func (h *history) askedIn(o Outage) (index int, ok bool) {
	for i, f := range h.faults {
		if f.asksMaster() && f.RequestedMS != nil && slices.Contains(f.shards, o.Shard) && *f.RequestedMS >= o.FromMS-noticeable && *f.RequestedMS <= o.ToMS {
			return i, true
		}
	}
	return 0, false
}

// silencedBy is the fault that an answer of a master of the shard, or none, comes of: it was in
// force on it when an outage began, or for most of it, or had been shortly before and the master
// was not back yet: one that is killed has to start and to load.
func (h *history) silencedBy(o Outage, answer string) (master string, fault int, ok bool) {
	most, first := -1.0, false
	for _, m := range h.mastersIn(o.Shard, period{o.FromMS, o.ToMS}) {
		for i, f := range h.faults {
			_, to, took := f.InForce(h.end)
			from := f.asked() // a server that is told to end takes no more writes from then on
			back := h.recoveredBefore(m, answer, to, o.FromMS)
			if f.Has(record.Slows) {
				back = to+catchUpMS < o.FromMS || h.caughtUp(m, to, o.FromMS)
			}
			if !took || !f.hits(m) || from > o.ToMS || to+h.nodeTimeout() < o.FromMS || back {
				continue
			}
			overlap := max(0, min(to, o.ToMS)-max(from, o.FromMS))
			began := from <= o.FromMS+noticeable
			if (began || overlap > o.length()/2 && !first) && (overlap > most || began && !first) {
				master, fault, ok, most, first = m, i, true, overlap, began
			}
		}
	}
	return master, fault, ok
}

// catchUpMS is how long a server may be late after a limit of its CPU time was lifted, in ms.
const catchUpMS = 1000

// caughtUp tells whether a node had worked off what had piled up in a fault that left it some
// CPU time, before an outage: it had answered without a break since that was over.
func (h *history) caughtUp(node string, over, from float64) bool {
	return slices.ContainsFunc(h.rowsIn(node, over, from), func(r row) bool {
		return stateOf(r.answer) != "silent" && min(r.till, from)-max(r.from, over) >= noticeable
	})
}

// recoveredBefore tells whether a node had come back from a fault that was over, before an
// outage in which it gave an answer began: from one that keeps it silent, it has once it
// answers, and from one that makes it refuse writes, once it acks.
func (h *history) recoveredBefore(node, answer string, over, from float64) bool {
	return over < from && slices.ContainsFunc(h.rowsIn(node, over, from), func(r row) bool {
		back := r.answer == record.ProbeAck || answer == "silent" && stateOf(r.answer) != "silent"
		return back && r.till > over && (r.from < from || r.till <= from)
	})
}

// explainClusterDown finds why masters answered CLUSTERDOWN.
func (h *history) explainClusterDown(o *Outage) {
	o.Cause = OutageClusterDown
	put := func(cause Cause, evidence ...Evidence) { o.Cause, o.Evidence = cause, append(o.Evidence, evidence...) }
	master, fault, hit := h.silencedBy(*o, "clusterdown")
	others, uncovered, cutOff := h.othersUncovered(o.Shard, o.FromMS, o.ToMS), 0.0, 0.0
	if len(others) > 0 {
		uncovered = others[0].overlap(o.FromMS, o.ToMS)
	}
	if hit {
		from, to, _ := h.faults[fault].InForce(h.end)
		cutOff = h.answered(master, "clusterdown", max(from, o.FromMS), min(to, o.ToMS))
	}
	if cutOff > o.Answers["clusterdown"]/2 && cutOff >= uncovered {
		put(OutageNoMajority, h.faultEvidence(fault, master)) // it was cut off, and knew it
		return
	}
	if uncovered > 0 && uncovered >= o.Answers["clusterdown"]/2 {
		put(OutageCoverage, h.fullCoverage())
		for _, u := range others {
			o.Evidence = append(o.Evidence, u.evidence())
		}
		return
	}
	if lasted, evidence := h.withoutMajority(o.Node, o.FromMS, o.ToMS); lasted >= o.Answers["clusterdown"]/2 && lasted > 0 {
		put(OutageNoMajority, evidence...)
		return
	}
	if hit && !h.stillIn(h.faults[fault], o.ToMS) {
		put(OutageRejoining, h.faultEvidence(fault, master))
		return
	}
	if evidence := h.majorityBack(o.FromMS, o.ToMS); len(evidence) > 0 {
		put(OutageRejoining, evidence...)
		return
	}
	for _, m := range h.mastersIn(o.Shard, period{o.FromMS, o.ToMS}) {
		if ready, ok := h.restarted(m, o.FromMS); ok {
			put(OutageRejoining, ready.evidence())
			o.Node = m
			return
		}
		for i, f := range h.faults { // which a master may notice after it is over
			if _, over, _ := f.InForce(h.end); f.hidesFromPeers(m) && over <= o.FromMS && over+h.nodeTimeout() > o.FromMS {
				put(OutageRejoining, h.faultEvidence(i, m))
				o.Node = m
				return
			}
		}
	}
}

// restarted is the start of a server so shortly before a moment that it takes no writes yet
// (CLUSTER_WRITABLE_DELAY, and the delay of one that rejoins).
func (h *history) restarted(node string, ms float64) (ready logLine, ok bool) {
	starts := h.logs(node, record.LogReady, max(0, ms-max(writableDelayMS, h.rejoinDelay())-noticeable), ms)
	if len(starts) == 0 {
		return ready, false
	}
	return starts[len(starts)-1], true
}

// writableDelayMS is how long after its start a master takes no writes, in ms.
const writableDelayMS = 2000

// withoutMajority is for how long faults kept so many masters from a node, which none kept
// away, that no majority was left, between two moments, in ms.
func (h *history) withoutMajority(node string, from, to float64) (lasted float64, evidence []Evidence) {
	cuts := []float64{from, to}
	for _, f := range h.faults {
		_, over, _ := f.InForce(to)
		for _, at := range []float64{f.asked(), over} {
			if f.EffectiveMS != nil && at > from && at < to {
				cuts = append(cuts, at)
			}
		}
	}
	slices.Sort(cuts)
	for i, end := range cuts[1:] {
		middle := (cuts[i] + end) / 2
		if _, hidden := h.faultOn(node, middle); hidden {
			continue
		}
		if away, none := h.noMajority(middle); none {
			lasted, evidence = lasted+end-cuts[i], away
		}
	}
	return lasted, evidence
}

// stillIn tells whether a fault is in force at a moment.
func (h *history) stillIn(f fault, ms float64) bool {
	from, to, ok := f.InForce(math.Inf(1))
	return ok && from <= ms && to >= ms
}

// answered is for how long a node gave an answer between two moments, in ms.
func (h *history) answered(node, answer string, from, to float64) (all float64) {
	for _, r := range h.rowsIn(node, from, to) {
		if r.answer == answer {
			all += max(0, min(r.till, to)-max(r.from, from))
		}
	}
	return all
}

// majorityBack is the faults that had left no majority of masters until one of them was
// healed, in a span or shortly before it: those left wait before they serve again.
func (h *history) majorityBack(from, to float64) []Evidence {
	for _, f := range h.faults {
		_, over, ok := f.InForce(math.Inf(1))
		if !ok || over < from-h.rejoinDelay()-endSlack || over > to {
			continue
		}
		if evidence, none := h.noMajority(over - 1); none {
			return evidence
		}
	}
	return nil
}

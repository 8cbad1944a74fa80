package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// change is a shard's change of master, as the nodes' views tell it.
type change struct {
	shard    int
	from, to string
	epoch    int64
	seen     float64 // when the first node was seen to know it, in ms
	// next is when the shard changed its master once more: what comes after that is no
	// more of this change. Infinite for the last one.
	next float64
}

// failoversOf finds every change of master and times its phases.
func failoversOf(h *history) []Failover {
	failovers := []Failover{}
	for _, c := range h.changes {
		failovers = append(failovers, h.failover(c))
	}
	return failovers
}

// changesOf follows each shard's owner by configuration epoch: a later epoch
// wins, whichever node is asked first.
func changesOf(h *history) []change {
	type ownership struct {
		owner string
		epoch int64
	}
	current := map[int]ownership{}
	for _, s := range h.started.Shards {
		current[s.Shard] = ownership{owner: s.Master}
	}
	var changes []change
	for _, e := range h.events {
		d, ok := e.Data.(*record.SlotOwner)
		if !ok {
			continue
		}
		now := current[d.Shard]
		if d.Owner == now.owner {
			now.epoch = max(now.epoch, d.Epoch)
			current[d.Shard] = now
			continue
		}
		if d.Epoch <= now.epoch {
			continue // news that this node is late to hear
		}
		changes = append(changes, change{shard: d.Shard, from: now.owner, to: d.Owner, epoch: d.Epoch, seen: e.MS})
		current[d.Shard] = ownership{d.Owner, d.Epoch}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.seen, b.seen) })
	next := map[int]float64{}
	for i := len(changes) - 1; i >= 0; i-- {
		c := &changes[i]
		c.next = math.Inf(1)
		if ms, ok := next[c.shard]; ok {
			c.next = ms
		}
		next[c.shard] = c.seen
	}
	return changes
}

// masterAt is the master of a shard at a moment.
func (h *history) masterAt(shard int, ms float64) string {
	master := ""
	for _, s := range h.started.Shards {
		if s.Shard == shard {
			master = s.Master
		}
	}
	for _, c := range h.changes {
		if c.shard == shard && c.seen <= ms {
			master = c.to
		}
	}
	return master
}

const (
	// logSlack is how far a log line's time, cut to milliseconds, may be before a
	// moment that it follows, in ms.
	logSlack = 1
	// observedLate is how much later than a change the log line of its cause may
	// lie, by the observers' pace, in ms.
	observedLate = 50
	// defaultNodeTimeout is cluster-node-timeout where nothing is configured, in ms.
	defaultNodeTimeout = 15_000
)

// nodeTimeout is cluster-node-timeout in ms.
func (h *history) nodeTimeout() float64 {
	ms, err := strconv.ParseFloat(h.started.Config["cluster-node-timeout"], 64)
	if err != nil {
		return defaultNodeTimeout
	}
	return ms
}

// leastReplacedLate is how long a replica may take to be elected, with the delay before that, at
// any cluster-node-timeout, in ms.
const leastReplacedLate = 1500

// replacedLate is how long after a master is back it may still be replaced, in ms: one that is
// marked as failed stays so for twice cluster-node-timeout, and until its next pong.
func (h *history) replacedLate() float64 { return max(2*h.nodeTimeout(), leastReplacedLate) }

// failover times one change of master.
func (h *history) failover(c change) Failover {
	f := Failover{Shard: c.shard, OldMaster: c.from, NewMaster: c.to, Origin: OriginNone, Reasons: map[string]Reason{}}
	won, hasWon := h.promotion(c)
	before := c.seen
	if hasWon {
		f.AtMS, before = &won, won
	}
	h.findCause(&f, c, before)
	if f.Origin == OriginNone {
		for _, name := range []string{"pfail_ms", "fail_ms", "election_ms", "promoted_ms", "first_write_ms",
			"client_recovery_ms", "converged_ms", "redundant_ms", "split_brain_ms"} {
			f.Reasons[name] = Reason{Why: WhyNoFault, Node: c.from}
		}
		f.Findings = h.suspicions(c, before)
		return f
	}
	t := timing{h, &f, c}
	t.suspicion()
	at, ok := h.lastLog(c.to, record.LogElectionStarted, before+logSlack)
	t.set(&f.ElectionMS, "election_ms", at, ok && at >= f.FromMS-logSlack, h.noElection(c))
	opened := t.promotion(won, hasWon)
	at, ok = firstAck(h.probes, c, f.FromMS, "")
	t.set(&f.FirstWriteMS, "first_write_ms", at, ok, Reason{Why: WhyNoProbeAcked, Node: c.to})
	if ok && !h.refusedSince(c, at) {
		t.late(&f.FirstWriteMS, "first_write_ms", probedLate, opened)
	}
	t.awaits(f.FirstWriteMS, "first_write_ms", h.probedUntil())
	f.Clients = h.recoveries(c, f)
	f.recovered()
	at, ok = h.converged(c)
	t.set(&f.ConvergedMS, "converged_ms", at, ok, Reason{Why: WhyNotAgreed, Node: c.to})
	t.late(&f.ConvergedMS, "converged_ms", askedLate, opened)
	t.awaits(f.ConvergedMS, "converged_ms", h.end)
	at, ok = h.first(before, func(d record.Data) bool {
		r, ok := d.(*record.Replication)
		return ok && r.Master == c.to && r.InSync
	})
	t.set(&f.RedundantMS, "redundant_ms", at, ok && at < c.next, Reason{Why: WhyNotInSync, Node: c.to})
	t.late(&f.RedundantMS, "redundant_ms", askedLate, opened)
	t.awaits(f.RedundantMS, "redundant_ms", h.end)
	t.splitBrain(opened)
	if len(f.Reasons) == 0 {
		f.Reasons = nil
	}
	h.anatomy(&f, c)
	return f
}

// promotion is when the new master won its election, or took over without one. A log may be
// missing: then it is the node's own word on its role, unless it had acked a probe before.
func (h *history) promotion(c change) (float64, bool) {
	earliest := h.changeBefore(c)
	if won, ok := h.lastLog(c.to, record.LogElectionWon, c.seen+observedLate); ok && won >= earliest {
		return won, true
	}
	taken, ok := h.last(c.seen+observedLate, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == c.to && l.Kind == record.LogManualFailover && strings.HasPrefix(l.Reason, "Taking over the")
	})
	if ok && taken >= earliest {
		return taken, true
	}
	at, ok := h.last(c.seen+observedLate, func(d record.Data) bool {
		r, ok := d.(*record.Role)
		return ok && r.Node == c.to && r.Role == "master"
	})
	for _, r := range h.probes {
		if ok && r.node == c.to && r.shard == c.shard && r.from > earliest && r.from < at && r.from > at-2*observedLate {
			at = r.from
		}
	}
	return at, ok
}

// suspected is when a node was first flagged after a moment, by one that no fault kept from
// the others, nor had until it was asked.
func (h *history) suspected(subject string, from float64) (float64, bool) {
	for _, e := range h.events {
		n, ok := e.Data.(*record.NodeFlag)
		if !ok || e.MS < from || n.Subject != subject || n.Flag != "pfail" && n.Flag != "fail" {
			continue
		}
		_, away := h.faultOn(n.Observer, e.MS)
		_, wasAway := h.faultOn(n.Observer, e.MS-2*observedLate)
		if !away && !wasAway {
			return e.MS, true
		}
	}
	return 0, false
}

// changeBefore is when the shard had changed its master before, or the start.
func (h *history) changeBefore(c change) (ms float64) {
	for _, other := range h.changes {
		if other.shard == c.shard && other.seen < c.seen {
			ms = other.seen
		}
	}
	return ms
}

// findCause finds what a failover came from, and when that took hold: by the new master's
// own log, if it says that it was asked for, and else the latest fault that can have caused it,
// or the first of those that kept the old master away without a break until then, unless an
// incident had done so before.
func (h *history) findCause(f *Failover, c change, before float64) {
	asked, manual := h.askedFor(c, before)
	if manual {
		f.Origin, f.FromMS = OriginManual, asked
	}
	latest := 0.0
	for i, fault := range h.faults {
		at, ok := fault.mayCause(c, before, h.replacedLate())
		if !ok || f.Fault != nil && at <= latest || manual != fault.promotes() && h.hasLog(c.to) {
			continue
		}
		latest = at
		f.Fault, f.FromMS, f.Origin = &i, at, OriginFault
		if fault.promotes() {
			f.Origin = OriginManual
			if manual && asked > at+noticeable {
				f.FromMS = asked // it took that long to reach the replica
			}
		}
	}
	if f.Origin != OriginManual {
		for i, incident := range h.incidents {
			if incident.hid(c.from, before, h.replacedLate()) && (f.Origin == OriginNone || incident.AtMS < f.FromMS) {
				f.Fault, f.Incident, f.FromMS, f.Origin = nil, &i, incident.AtMS, OriginIncident
				break
			}
		}
	}
	for again := f.Origin == OriginFault; again; {
		again = false
		for i, fault := range h.faults {
			from, to, ok := fault.InForce(h.end)
			if ok && fault.hidesFromPeers(c.from) && from < f.FromMS && to >= f.FromMS {
				f.Fault, f.FromMS, again = &i, from, true
			}
		}
	}
}

// askedFor is when the new master was asked to take over, by its log, if that did not come
// to nothing.
func (h *history) askedFor(c change, before float64) (at float64, ok bool) {
	for _, l := range h.logs(c.to, record.LogManualFailover, h.changeBefore(c), before+logSlack) {
		switch {
		case strings.HasPrefix(l.Reason, "Manual failover timed out"):
			ok = false
		case !ok:
			at, ok = l.ms, true
		}
	}
	return at, ok
}

// mayCause tells whether a fault can have caused a change that was done by a
// moment, and since when, in ms. It can still be noticed for a while after it is
// healed.
func (f fault) mayCause(c change, done, lasting float64) (at float64, ok bool) {
	from, to, ok := f.InForce(math.Inf(1))
	switch {
	case !ok || f.RequestedMS == nil:
		return 0, false
	case f.promotes():
		// Its target is the new master, which may be acking writes before its answer
		// to the command is here.
		return *f.RequestedMS, *f.RequestedMS <= done+logSlack && slices.Contains(f.Targets, c.to)
	default:
		return from, from <= done && to+lasting >= done && f.hidesFromPeers(c.from)
	}
}

// noElection is why the time of an election is unknown.
func (h *history) noElection(c change) Reason {
	if !h.hasLog(c.to) {
		return Reason{Why: WhyNoLog, Node: c.to}
	}
	return Reason{Why: WhyNoElectionLogged, Node: c.to}
}

// flagged matches a node's flagging of another one.
func flagged(subject string, flags ...string) func(record.Data) bool {
	return func(d record.Data) bool {
		n, ok := d.(*record.NodeFlag)
		return ok && n.Subject == subject && slices.Contains(flags, n.Flag)
	}
}

// markedFailed matches a node's being marked as failed, by a log or by another's flag.
func markedFailed(subject string) func(record.Data) bool {
	return func(d record.Data) bool { return saysFailed(subject, d) || flagged(subject, "fail")(d) }
}

// saysFailed tells whether an event is a log line that says that a node failed.
func saysFailed(subject string, d record.Data) bool {
	l, ok := d.(*record.Log)
	return ok && l.Subject == subject && (l.Kind == record.LogMarkedFail || l.Kind == record.LogFailReceived)
}

// converged is the first moment at which every node that can be reached names
// the new master as the owner.
func (h *history) converged(c change) (float64, bool) {
	owner, unreachable := map[string]string{}, map[string]bool{}
	agreed := func() bool {
		for node, o := range owner {
			if !unreachable[node] && o != c.to {
				return false
			}
		}
		return len(owner) > 0
	}
	for _, e := range h.events {
		switch d := e.Data.(type) {
		case *record.SlotOwner:
			if d.Shard == c.shard {
				owner[d.Observer] = d.Owner
			}
		case *record.Reachable:
			unreachable[d.Node] = !d.OK
		default:
			continue
		}
		if e.MS >= c.next {
			break
		}
		if e.MS >= c.seen && agreed() {
			return e.MS, true
		}
	}
	return 0, false
}

// overlap is how long, between a moment and the shard's next change of master, two
// nodes acked its probes at once: in sum, and the longest.
func overlap(rows []interval, c change, after float64) (both, longest float64) {
	for _, a := range rows {
		for _, b := range rows {
			if a.shard == c.shard && b.shard == c.shard && a.node == c.from && b.node == c.to {
				span := max(0, min(a.to, b.to, c.next)-max(a.from, b.from, after))
				both, longest = both+span, max(longest, span)
			}
		}
	}
	return both, longest
}

package report

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// change is a shard's change of master, as the nodes' views tell it.
type change struct {
	shard    int
	from, to string
	epoch    int64
	seen     float64 // when the first node was seen to know it, in ms
}

// failoversOf finds every change of master and times its phases.
func failoversOf(h *history, faults []Fault) []Failover {
	failovers := []Failover{}
	for _, c := range changesOf(h) {
		failovers = append(failovers, h.failover(c, faults))
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
	return changes
}

// logSlack is how far a log line's time, cut to milliseconds, may be before a
// moment that it follows, in ms.
const logSlack = 1

// failover times one change of master.
func (h *history) failover(c change, faults []Fault) Failover {
	f := Failover{Shard: c.shard, OldMaster: c.from, NewMaster: c.to, Unmeasured: map[string]string{}}
	won, hasLog := h.lastLog(c.to, record.LogElectionWon, c.seen+observedLate)
	if !hasLog {
		// A takeover holds no election, and a log may be missing: the node's own word on its role.
		won, hasLog = h.last(c.seen+observedLate, func(d record.Data) bool {
			r, ok := d.(*record.Role)
			return ok && r.Node == c.to && r.Role == "master"
		})
	}
	if hasLog {
		f.AtMS = &won
	}
	before := c.seen
	if hasLog {
		before = won
	}
	effective := 0.0
	for i, fault := range faults {
		at, ok := fault.mayCause(c, before)
		if ok && (f.Fault == nil || at > effective) {
			f.Fault, effective = &i, at
		}
	}
	f.effective = effective
	if f.Fault == nil {
		reason := "no fault had hit " + c.from
		for _, name := range []string{"pfail_ms", "fail_ms", "election_ms", "promoted_ms", "first_write_ms",
			"client_recovery_ms", "converged_ms", "redundant_ms", "split_brain_ms"} {
			f.Unmeasured[name] = reason
		}
		return f
	}
	set := func(to **float64, name string, at float64, ok bool, reason string) {
		if !ok {
			f.Unmeasured[name] = reason
			return
		}
		since := at - effective
		*to = &since
	}
	flagged := func(flags ...string) func(record.Data) bool {
		return func(d record.Data) bool {
			n, ok := d.(*record.NodeFlag)
			return ok && n.Subject == c.from && slices.Contains(flags, n.Flag)
		}
	}
	failLog := func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Subject == c.from && (l.Kind == record.LogMarkedFail || l.Kind == record.LogFailReceived)
	}
	at, ok := h.first(effective, flagged("pfail", "fail"))
	set(&f.PFailMS, "pfail_ms", at, ok && at <= h.end, "no node was seen to flag "+c.from)
	at, ok = h.first(effective-logSlack, func(d record.Data) bool { return failLog(d) || flagged("fail")(d) })
	set(&f.FailMS, "fail_ms", at, ok, "no node was seen to mark "+c.from+" as failed")
	at, ok = h.lastLog(c.to, record.LogElectionStarted, before+logSlack)
	set(&f.ElectionMS, "election_ms", at, ok && at >= effective-logSlack, "the log of "+c.to+" tells of no election")
	set(&f.PromotedMS, "promoted_ms", won, hasLog, "neither the log nor the role of "+c.to+" tells of the promotion")
	at, ok = firstAck(h.probes, c, effective, "")
	set(&f.FirstWriteMS, "first_write_ms", at, ok, "no probe write was acked by "+c.to)
	at, ok = firstAck(h.acks, c, effective, "")
	set(&f.ClientRecoveryMS, "client_recovery_ms", at, ok, "no workload write on the shard was acked by "+c.to)
	at, ok = h.converged(c)
	set(&f.ConvergedMS, "converged_ms", at, ok, "the nodes did not all agree on "+c.to+" while observed")
	at, ok = h.first(before, func(d record.Data) bool {
		r, ok := d.(*record.Replication)
		return ok && r.Master == c.to && r.InSync
	})
	set(&f.RedundantMS, "redundant_ms", at, ok, "no replica of "+c.to+" came into sync while observed")
	if len(h.probes) > 0 {
		both := overlap(h.probes, c, effective)
		f.SplitBrainMS = &both
	} else {
		f.Unmeasured["split_brain_ms"] = "no probe was acked"
	}
	if len(f.Unmeasured) == 0 {
		f.Unmeasured = nil
	}
	return f
}

// failoverKind is the fault that asks a replica to take over.
const failoverKind = "failover"

// mayCause tells whether a fault can have caused a change that was done by a
// moment, and since when, in ms.
func (f Fault) mayCause(c change, done float64) (at float64, ok bool) {
	switch {
	case f.EffectiveMS == nil || f.RequestedMS == nil:
		return 0, false
	case f.Kind == failoverKind:
		// Its target is the new master, which may be acking writes before its answer
		// to the command is here.
		return *f.RequestedMS, *f.RequestedMS <= done && slices.Contains(f.Targets, c.to)
	default:
		return *f.EffectiveMS, *f.EffectiveMS <= done && slices.Contains(f.Targets, c.from)
	}
}

// observedLate is how much later than a change the log line of its cause may
// lie, by the observers' pace, in ms.
const observedLate = 50

// first is the time of the first event from a moment on that matches.
func (h *history) first(from float64, match func(record.Data) bool) (float64, bool) {
	for _, e := range h.events {
		if e.MS >= from && match(e.Data) {
			return e.MS, true
		}
	}
	return 0, false
}

// last is the time of the last event up to a moment that matches.
func (h *history) last(until float64, match func(record.Data) bool) (at float64, ok bool) {
	for _, e := range h.events {
		if e.MS <= until && match(e.Data) {
			at, ok = e.MS, true
		}
	}
	return at, ok
}

// lastLog is the time of the last log line of a kind from a node, up to a moment.
func (h *history) lastLog(node string, kind record.LogKind, until float64) (float64, bool) {
	return h.last(until, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == node && l.Kind == kind
	})
}

// firstAck is the first ack from the new master after the fault took hold. A row
// that had begun before belongs to the time when it was master already.
func firstAck(rows []interval, c change, effective float64, workload string) (at float64, ok bool) {
	for _, r := range rows {
		if r.shard == c.shard && r.node == c.to && r.from >= effective && (workload == "" || r.workload == workload) && (!ok || r.from < at) {
			at, ok = r.from, true
		}
	}
	return at, ok
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
		if e.MS >= c.seen && agreed() {
			return e.MS, true
		}
	}
	return 0, false
}

// overlap is how long, after a moment, two nodes acked probes of one shard at once.
func overlap(rows []interval, c change, after float64) (both float64) {
	for _, a := range rows {
		for _, b := range rows {
			if a.shard == c.shard && b.shard == c.shard && a.node == c.from && b.node == c.to {
				both += max(0, min(a.to, b.to)-max(a.from, b.from, after))
			}
		}
	}
	return both
}

// slowestRecovery is the longest that a workload took to reach a new master.
func slowestRecovery(h *history, workload string, failovers []Failover) *float64 {
	var slowest *float64
	for _, f := range failovers {
		if f.Fault == nil {
			continue
		}
		at, ok := firstAck(h.acks, change{shard: f.Shard, to: f.NewMaster}, f.effective, workload)
		if !ok {
			return nil // one shard that was never reached again leaves the slowest unknown
		}
		if since := at - f.effective; slowest == nil || since > *slowest {
			slowest = &since
		}
	}
	return slowest
}

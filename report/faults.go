package report

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// fault is a fault and what else the analysis knows of it.
type fault struct {
	Fault
	shards  []int   // that a target is a member of
	healing float64 // when its healing was asked for; infinite if it was not
	// clientsOnly: it took its targets off the clients' network, and their peers reach them.
	clientsOnly bool
}

// faultsOf is the faults that were asked for, as far as the record tells of them.
func faultsOf(h *history, asked []scenarios.Fault) []fault {
	faults := make([]fault, len(asked))
	for i, f := range asked { // the record tells only of those that were reached
		faults[i].Kind, faults[i].Targets, faults[i].healing = f.Kind, []string{}, math.Inf(1)
	}
	for _, e := range h.events {
		if d, ok := e.Data.(*record.Fault); ok && d.Index < len(faults) {
			faults[d.Index].enter(e.MS, d)
		}
	}
	for i := range faults {
		h.bound(&faults[i])
	}
	return faults
}

// enter takes in a step in the fault's life.
func (f *fault) enter(ms float64, d *record.Fault) {
	switch d.Phase {
	case record.FaultRequested:
		f.Detail, f.shards, f.RequestedMS = d.Detail, d.Shards, &ms
		f.Past, f.Effects = d.Does()
		if d.Targets != nil {
			f.Targets = d.Targets
		}
	case record.FaultEffective:
		f.EffectiveMS = &ms
	case record.FaultHealRequested:
		f.healing = ms
		if f.EffectiveMS != nil { // else it may take hold later
			f.OverMS = &ms // the runtime may not tell when that was done
		}
	case record.FaultHealed:
		f.HealedMS, f.OverMS = &ms, &ms
	case record.FaultFailed:
		f.Error = d.Error
	}
}

// bound finds out for how long and for whom a fault was in force, by what the runtime says
// of its targets.
func (h *history) bound(f *fault) {
	from, to, ok := f.InForce(math.Inf(1))
	if !ok {
		return
	}
	clients, others := false, false
	for _, e := range h.events {
		n, ok := e.Data.(*record.NodeEvent)
		if !ok || !slices.Contains(f.Targets, n.Node) || e.MS < from-endSlack || e.MS > to {
			continue
		}
		switch {
		case f.Has(record.Slows):
		case f.stops() && n.Action == record.NodeDied && e.MS > from, len(f.Targets) == 1 && n.Action == record.NodeStarted && e.MS > from:
			f.OverMS, to = new(e.MS), e.MS // it ended, or another fault's healing started it
		case n.Action != record.NodeDisconnected || e.MS > from+noticeable: // another fault's, which takes the same node off another network
		case n.Network == clientNetwork:
			clients = true
		default:
			others = true
		}
	}
	f.clientsOnly = f.Has(record.CutsOff) && clients && !others
}

// asked is when the fault was requested, or else when it took hold. From then on a server
// that is told to end takes no more writes.
func (f fault) asked() float64 {
	if f.RequestedMS != nil {
		return *f.RequestedMS
	}
	return milliseconds(f.EffectiveMS)
}

// awayFrom is when a node was first without an answer because of a fault: a server that is
// told to end may answer until it does.
func (h *history) awayFrom(f fault, node string) float64 {
	from, effective := f.asked(), milliseconds(f.EffectiveMS)
	for _, r := range h.rowsIn(node, from, effective) {
		if stateOf(r.answer) != "silent" && r.from <= effective && r.till > from {
			from = min(r.till, effective)
		}
	}
	return from
}

// hits tells whether the fault does something to a node.
func (f fault) hits(node string) bool {
	_, _, done := f.InForce(0)
	return done && !f.promotes() && len(f.Effects) > 0 && slices.Contains(f.Targets, node)
}

// promotes tells whether the fault has its target take over, and does nothing to it.
func (f fault) promotes() bool { return f.Has(record.Promotes) }

// stops tells whether the fault has a server do nothing, as long as it is there.
func (f fault) stops() bool { return f.Has(record.Freezes) || f.Has(record.Blocks) }

// hidesFromPeers tells whether the other nodes may get no answer from a node because of the
// fault.
func (f fault) hidesFromPeers(node string) bool { return f.hits(node) && !f.clientsOnly }

// faultOn is the fault that hides a node from its peers at a moment. One that leaves it some
// CPU time does so while it gives no answer for so long that it may be suspected.
func (h *history) faultOn(node string, ms float64) (index int, ok bool) {
	for i, f := range h.faults {
		_, to, _ := f.InForce(math.Inf(1))
		if f.hidesFromPeers(node) && f.asked() <= ms && to >= ms && (!f.Has(record.Slows) || h.silenceAt(node, ms) >= h.nodeTimeout()/2) {
			index, ok = i, true
		}
	}
	return index, ok
}

// silenceAt is for how long a node gave its probes no answer around a moment, in ms.
func (h *history) silenceAt(node string, ms float64) float64 {
	last, next := 0.0, h.observedUntil()
	for _, r := range h.rowsOf[node] {
		switch {
		case stateOf(r.answer) == "silent":
		case r.from > ms:
			next = min(next, r.from)
		case r.till >= ms:
			return 0
		default:
			last = max(last, r.till)
		}
	}
	return next - last
}

// mastersAway lists the masters that faults or incidents hid from their peers at a moment.
func (h *history) mastersAway(ms float64) (away []string, evidence []Evidence) {
	for _, s := range h.started.Shards {
		m := h.masterAt(s.Shard, ms)
		if slices.Contains(away, m) {
			continue
		}
		if fault, ok := h.faultOn(m, ms); ok {
			away, evidence = append(away, m), append(evidence, h.faultEvidence(fault, m))
		} else if i, ok := incidentOn(h.incidents, m, ms, 0); ok {
			away, evidence = append(away, m), append(evidence, incidentEvidence(i))
		}
	}
	return away, evidence
}

// noMajority tells whether these kept so many masters away at a moment that those left
// are no majority.
func (h *history) noMajority(ms float64) (evidence []Evidence, none bool) {
	away, evidence := h.mastersAway(ms)
	return evidence, h.started.Masters-len(away) < majority(h.started.Masters)
}

// majority is how many masters must agree.
func majority(masters int) int { return masters/2 + 1 }

package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// faultsOf is the faults that were asked for, as far as the record tells of them.
func faultsOf(h *history, asked []scenarios.Fault) []Fault {
	faults := make([]Fault, len(asked))
	for i, f := range asked { // the record tells only of those that were reached
		faults[i].Kind, faults[i].healing = f.Kind, math.Inf(1)
	}
	for _, e := range h.events {
		d, ok := e.Data.(*record.Fault)
		if !ok || d.Index >= len(faults) {
			continue
		}
		f := &faults[d.Index]
		at := e.MS
		switch d.Phase {
		case record.FaultRequested:
			f.Targets, f.Detail, f.shards, f.RequestedMS = d.Targets, d.Detail, d.Shards, &at
			f.Past, f.Effects = d.Does()
		case record.FaultEffective:
			f.EffectiveMS = &at
		case record.FaultHealRequested:
			f.healing = at
			if f.EffectiveMS != nil { // else it may take hold later
				f.over = &at // the runtime may not tell when that was done
			}
		case record.FaultHealed:
			f.HealedMS, f.over = &at, &at
		case record.FaultFailed:
			f.Error = d.Error
		}
	}
	for i := range faults {
		f := &faults[i]
		if f.Targets == nil {
			f.Targets = []string{}
		}
		if f.done() {
			h.bound(f)
		}
	}
	return faults
}

// bound finds out for how long and for whom a fault was in force, by what the runtime says
// of its targets.
func (h *history) bound(f *Fault) {
	from, to, _ := inForce(*f, math.Inf(1))
	clients, others := false, false
	for _, e := range h.events {
		n, ok := e.Data.(*record.NodeEvent)
		if !ok || !slices.Contains(f.Targets, n.Node) || e.MS < from-endSlack || e.MS > to {
			continue
		}
		switch {
		case f.has(record.Slows):
		case f.stops() && n.Action == record.NodeDied && e.MS > from, len(f.Targets) == 1 && n.Action == record.NodeStarted && e.MS > from:
			f.over, to = number(e.MS), e.MS // it ended, or another fault's healing started it
		case n.Action != record.NodeDisconnected || e.MS > from+noticeable: // another fault's, which takes the same node off another network
		case n.Network == clientNetwork:
			clients = true
		default:
			others = true
		}
	}
	f.clientsOnly = f.has(record.CutsOff) && clients && !others
}

// asked is when the fault was requested, or else when it took hold. From then on a server
// that is told to end takes no more writes.
func (f Fault) asked() float64 {
	if f.RequestedMS != nil {
		return *f.RequestedMS
	}
	return milliseconds(f.EffectiveMS)
}

// awayFrom is when a node was first without an answer because of a fault: a server that is
// told to end may answer until it does.
func (h *history) awayFrom(f Fault, node string) float64 {
	from, effective := f.asked(), milliseconds(f.EffectiveMS)
	for _, r := range h.rowsIn(node, from, effective) {
		if stateOf(r.answer) != "silent" && r.from <= effective && r.till > from {
			from = min(r.till, effective)
		}
	}
	return from
}

// hits tells whether the fault does something to a node.
func (f Fault) hits(node string) bool {
	return f.done() && !f.promotes() && len(f.Effects) > 0 && slices.Contains(f.Targets, node)
}

// has tells whether the fault has an effect.
func (f Fault) has(e record.Effect) bool { return slices.Contains(f.Effects, e) }

// promotes tells whether the fault has its target take over, and does nothing to it.
func (f Fault) promotes() bool { return f.has(record.Promotes) }

// stops tells whether the fault has a server do nothing, as long as it is there.
func (f Fault) stops() bool { return f.has(record.Freezes) || f.has(record.Blocks) }

// hidesFromPeers tells whether the other nodes may get no answer from a node because of the
// fault.
func (f Fault) hidesFromPeers(node string) bool { return f.hits(node) && !f.clientsOnly }

// inForce is from when to when a fault was in force: since it was requested, if the runtime did
// not tell when it took hold, and to the end, if nobody asked for its healing.
func inForce(f Fault, end float64) (from, to float64, ok bool) {
	if !f.done() {
		return 0, 0, false
	}
	if f.over != nil {
		end = *f.over
	} else if f.HealedMS != nil {
		end = *f.HealedMS
	}
	return *cmp.Or(f.EffectiveMS, f.RequestedMS), end, true
}

// done tells whether the fault was done, as far as is known.
func (f Fault) done() bool { return f.EffectiveMS != nil || f.RequestedMS != nil && f.Error == "" }

// faultOn is the fault that hides a node from its peers at a moment. One that leaves it some
// CPU time does so while it gives no answer for so long that it may be suspected.
func (h *history) faultOn(faults []Fault, node string, ms float64) (index int, ok bool) {
	for i, f := range faults {
		_, to, _ := inForce(f, math.Inf(1))
		if f.hidesFromPeers(node) && f.asked() <= ms && to >= ms && (!f.has(record.Slows) || h.silenceAt(node, ms) >= h.nodeTimeout()/2) {
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
func (h *history) mastersAway(faults []Fault, ms float64) (away []string, evidence []Evidence) {
	for _, s := range h.started.Shards {
		m := h.masterAt(s.Shard, ms)
		if slices.Contains(away, m) {
			continue
		}
		if fault, ok := h.faultOn(faults, m, ms); ok {
			away, evidence = append(away, m), append(evidence, h.faultEvidence(faults, fault, m))
		} else if i, ok := incidentOn(h.incidents, m, ms, 0); ok {
			away, evidence = append(away, m), append(evidence, incidentEvidence(i))
		}
	}
	return away, evidence
}

// noMajority tells whether these kept so many masters away at a moment that those left
// are no majority.
func (h *history) noMajority(faults []Fault, ms float64) (evidence []Evidence, none bool) {
	away, evidence := h.mastersAway(faults, ms)
	return evidence, h.started.Masters-len(away) < majority(h.started.Masters)
}

// majority is how many masters must agree.
func majority(masters int) int { return masters/2 + 1 }

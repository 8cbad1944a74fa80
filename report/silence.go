package report

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// stallMS is how long a node must have been silent for that to be told, or
	// stallProbes intervals of probes if that is more.
	stallMS     = 100
	stallProbes = 4
)

// stall is a time for which a node gave no answer.
type stall struct {
	node     string
	from, to float64 // ms
}

func (s stall) length() float64 { return s.to - s.from }

// isStall tells whether a silence is more than the time between probes.
func (h *history) isStall(ms float64) bool { return ms >= max(stallMS, stallProbes*h.probePace) }

// silentNodes finds the nodes that no fault had hit and that did not respond between two
// moments, the longest first.
func (h *history) silentNodes(from, to float64) []Finding {
	var stalls []stall
	for _, n := range h.started.Nodes {
		if h.faulty(n.Name, from) {
			continue
		}
		worst := h.longestStall(n.Name, from, to)
		if h.isStall(worst.length()) && !h.hitDuring(n.Name, worst.from, worst.to) {
			stalls = append(stalls, worst)
		}
	}
	if len(stalls) == 0 {
		return nil
	}
	slices.SortStableFunc(stalls, func(a, b stall) int { return cmp.Compare(b.length(), a.length()) })
	f := Finding{Cause: PhaseNodesSilent}
	if h.announcesNames {
		f.Cause = PhaseResolver
	}
	for _, s := range stalls {
		f.Evidence = append(f.Evidence, probeEvidence(s.node, "silent", s.from, s.to))
	}
	return []Finding{f}
}

// longestStall is the longest time between two moments for which a node's
// probes got no answer.
func (h *history) longestStall(node string, from, to float64) stall {
	to = min(to, h.observedUntil())
	var longest stall
	until := from
	see := func(next float64) {
		for _, p := range h.outside(period{until, min(next, to)}) {
			if s := (stall{node, p.from, p.to}); s.length() > longest.length() {
				longest = s
			}
		}
	}
	for _, r := range h.rowsIn(node, from, to) {
		if stateOf(r.answer) == "silent" {
			continue
		}
		see(r.from)
		until = max(until, r.till)
	}
	if h.answers[node] { // else nothing is known of it
		see(to)
	}
	return longest
}

// faulty tells whether a fault was in force on a node at a moment, or had been
// shortly before.
func (h *history) faulty(node string, ms float64) bool {
	hit := map[int]bool{}
	for _, e := range h.events {
		f, ok := e.Data.(*record.Fault)
		if !ok || e.MS > ms || f.Has(record.Promotes) || !slices.Contains(f.Targets, node) {
			continue
		}
		switch f.Phase {
		case record.FaultRequested, record.FaultEffective:
			hit[f.Index] = true
		case record.FaultHealed:
			hit[f.Index] = ms-e.MS < h.nodeTimeout()
		}
	}
	for _, in := range hit {
		if in {
			return true
		}
	}
	return false
}

// hitDuring tells whether a fault was in force on a node at any time of a span, or had
// been shortly before.
func (h *history) hitDuring(node string, from, to float64) bool {
	if h.faulty(node, from) || h.heldBack(node, from, to) {
		return true
	}
	at, hit := h.first(from, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && (f.Phase == record.FaultRequested || f.Phase == record.FaultEffective) && slices.Contains(f.Targets, node)
	})
	return hit && at <= to
}

// heldBack tells whether a replica of a master was told to take over in a span, or right
// before it: the master then answers no writes.
func (h *history) heldBack(master string, from, to float64) bool {
	asked, ok := h.first(from-noticeable, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && f.Has(record.Promotes) && f.Phase == record.FaultRequested &&
			slices.ContainsFunc(f.Shards, func(shard int) bool { return h.masterAt(shard, from) == master })
	})
	return ok && asked <= to
}

// starvation is the longest that this program was not run for, between two moments, and for
// how long it was not in all, in ms; nil if it always was.
func (h *history) starvation(from, to float64) (longest *Evidence, all float64) {
	for _, e := range h.starved {
		s := e.Data.(*record.Starved)
		if e.MS < from || e.MS-s.ForMS > to {
			continue
		}
		all += min(e.MS, to) - max(e.MS-s.ForMS, from)
		if longest == nil || s.ForMS > longest.forMS() {
			longest = &Evidence{Kind: "starved", MS: new(e.MS), ForMS: new(s.ForMS)}
		}
	}
	return longest, all
}

package report

import (
	"cmp"
	"maps"
	"slices"
)

// Outage is a gap in which no node acked the probes of a shard, with its cause. Its node is
// the shard's master when it began.
type Outage struct {
	Shard  int     `json:"shard"`
	FromMS float64 `json:"from_ms"` // on the run's clock
	ToMS   float64 `json:"to_ms"`
	Finding
	// Causes are those of its parts, in order, where it has several: the outage's own cause is
	// that of the longest.
	Causes []OutagePart `json:"causes,omitempty"`
	// Answers is for how long, in ms, the shard's masters gave which answer to their
	// probes meanwhile; "silent" is none.
	Answers map[string]float64 `json:"answers"`
}

// OutagePart is a part of an outage that has a cause of its own.
type OutagePart struct {
	FromMS float64 `json:"from_ms"`
	ToMS   float64 `json:"to_ms"`
	Finding
}

func (o Outage) length() float64 { return o.ToMS - o.FromMS }

// longestAnswers lists the answers, the longest first, and by name where two lasted as
// long.
func (o Outage) longestAnswers() []string {
	return slices.SortedFunc(maps.Keys(o.Answers), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.Answers[b], o.Answers[a]), cmp.Compare(a, b))
	})
}

// outagesOf finds the outages of every shard that are worth a word, with their causes, as far
// as they are observed: what is in a hole of the record is not known to be one.
func outagesOf(h *history) []Outage {
	outages := []Outage{}
	for _, s := range h.started.Shards {
		for _, gap := range h.gaps[s.Shard] {
			for _, g := range h.outside(gap) {
				if g.to-g.from >= noticeable {
					outages = append(outages, h.outage(s.Shard, g))
				}
			}
		}
	}
	slices.SortStableFunc(outages, func(a, b Outage) int { return cmp.Compare(a.FromMS, b.FromMS) })
	return outages
}

// outage is a gap of a shard with its causes: each stretch of it in which its masters gave one
// answer has its own, and that of the longest is the outage's.
func (h *history) outage(shard int, gap period) Outage {
	o := Outage{Shard: shard, FromMS: gap.from, ToMS: gap.to, Answers: h.answersIn(shard, gap)}
	var parts []Outage
	for _, stretch := range h.stretches(shard, gap) {
		part := Outage{Shard: shard, FromMS: stretch.from, ToMS: stretch.to, Answers: h.answersIn(shard, stretch)}
		part.Node = h.masterAt(shard, stretch.from)
		h.explain(&part)
		parts = append(parts, part)
	}
	parts = joinAlike(parts)
	o.Finding = slices.MaxFunc(parts, func(a, b Outage) int { return cmp.Compare(a.length(), b.length()) }).Finding
	if len(parts) > 1 {
		for _, p := range parts {
			o.Causes = append(o.Causes, OutagePart{p.FromMS, p.ToMS, p.Finding})
		}
	}
	return o
}

// joinAlike joins parts of an outage that have one cause, also where this program was not run
// for a moment between them.
func joinAlike(parts []Outage) (joined []Outage) {
	alike := func(a, b Outage) bool { return a.Cause == b.Cause && a.Node == b.Node }
	for i, p := range parts {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			if alike(p, *last) || p.Cause == OutageStarved && i+1 < len(parts) && alike(parts[i+1], *last) {
				last.ToMS = p.ToMS
				continue
			}
		}
		joined = append(joined, p)
	}
	return joined
}

// stretches cuts a gap of a shard where its masters began to give another answer, or none;
// what is too short to be an outage by itself belongs to what was before it.
func (h *history) stretches(shard int, gap period) (all []period) {
	masters := h.mastersIn(shard, gap)
	cuts := []float64{gap.from}
	last := ""
	for at := gap.from; at < gap.to; {
		answer, until := h.answerAt(masters, at, gap.to)
		if until-at >= noticeable && answer != last {
			if last != "" {
				cuts = append(cuts, at)
			}
			last = answer
		}
		at = until
	}
	for i, from := range cuts {
		to := gap.to
		if i+1 < len(cuts) {
			to = cuts[i+1]
		}
		all = append(all, period{from, to})
	}
	return all
}

// answerAt is what masters of a shard answer at a moment, the last one that answers at all, and
// until when.
func (h *history) answerAt(masters []string, at, end float64) (answer string, until float64) {
	answer, until = "silent", end
	for _, m := range masters {
		for _, r := range h.rowsIn(m, at, end) {
			switch {
			case stateOf(r.answer) == "silent" || r.till <= at || r.from >= end:
			case r.from <= at:
				answer, until = r.answer, min(until, r.till)
			default:
				until = min(until, r.from)
			}
		}
	}
	return answer, until
}

// mastersIn lists who was master of a shard in a gap, in order.
func (h *history) mastersIn(shard int, gap period) []string {
	masters := []string{h.masterAt(shard, gap.from)}
	for _, c := range h.changes {
		if c.shard == shard && c.seen > gap.from && c.seen <= gap.to {
			masters = append(masters, c.to)
		}
	}
	return masters
}

// answersIn is for how long the masters of a shard gave which answer in a gap.
func (h *history) answersIn(shard int, gap period) map[string]float64 {
	answers := map[string]float64{}
	for i, master := range h.mastersIn(shard, gap) {
		from, to := gap.from, gap.to
		for _, c := range h.changes {
			switch {
			case c.shard != shard || c.seen < gap.from || c.seen > gap.to:
			case c.from == master:
				to = min(to, c.seen)
			case c.to == master && i > 0:
				from = max(from, c.seen)
			}
		}
		heard := 0.0
		for _, r := range h.rowsIn(master, from, to) {
			if lasted := min(r.till, to) - max(r.from, from); lasted > 0 && stateOf(r.answer) != "silent" {
				answers[r.answer] += lasted
				heard += lasted
			}
		}
		if silent := to - from - heard; silent > 0 {
			answers["silent"] += silent
		}
	}
	return answers
}

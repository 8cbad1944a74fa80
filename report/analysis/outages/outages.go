// Package outages finds the gaps in which a shard took no writes, or applications had none acked,
// and says why.
package outages

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Find finds the outages of every shard that are worth a word, with their causes, as far
// as they are observed: what is in a hole of the record is not known to be one.
func Find(facts *observed.Facts) []report.Outage {
	outages := []report.Outage{}
	for _, s := range facts.Started.Shards {
		for _, gap := range facts.Gaps[s.Shard] {
			for _, g := range facts.Outside(gap) {
				if g.To-g.From >= report.Noticeable {
					outages = append(outages, outage(facts, s.Shard, g))
				}
			}
		}
	}
	slices.SortStableFunc(outages, func(a, b report.Outage) int { return cmp.Compare(a.From, b.From) })
	return outages
}

// outage is a gap of a shard with its causes: each stretch of it in which its masters gave one
// answer has its own, and that of the longest is the outage's.
func outage(facts *observed.Facts, shard int, gap observed.Period) report.Outage {
	o := report.Outage{Shard: shard, From: gap.From, To: gap.To, Answers: answersIn(facts, shard, gap)}
	var parts []report.Outage
	for _, stretch := range stretches(facts, shard, gap) {
		part := report.Outage{Shard: shard, From: stretch.From, To: stretch.To, Answers: answersIn(facts, shard, stretch)}
		part.Node = facts.MasterAt(shard, stretch.From)
		explain(facts, &part)
		parts = append(parts, part)
	}
	parts = joinAlike(parts)
	o.Finding = slices.MaxFunc(parts, func(a, b report.Outage) int { return cmp.Compare(a.Length(), b.Length()) }).Finding
	if len(parts) > 1 {
		for _, p := range parts {
			o.Causes = append(o.Causes, report.OutagePart{From: p.From, To: p.To, Finding: p.Finding})
		}
	}
	return o
}

// joinAlike joins parts of an outage that have one cause, also where this program was not run
// for a moment between them.
func joinAlike(parts []report.Outage) (joined []report.Outage) {
	alike := func(a, b report.Outage) bool { return a.Cause == b.Cause && a.Node == b.Node }
	for i, p := range parts {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			if alike(p, *last) || p.Cause == report.OutageStarved && i+1 < len(parts) && alike(parts[i+1], *last) {
				last.To = p.To
				continue
			}
		}
		joined = append(joined, p)
	}
	return joined
}

// stretches cuts a gap of a shard where its masters began to give another answer, or none;
// what is too short to be an outage by itself belongs to what was before it.
func stretches(facts *observed.Facts, shard int, gap observed.Period) (all []observed.Period) {
	masters := facts.MastersIn(shard, gap)
	cuts := []record.Millis{gap.From}
	last := ""
	for at := gap.From; at < gap.To; {
		answer, until := answerAt(facts, masters, at, gap.To)
		if until-at >= report.Noticeable && answer != last {
			if last != "" {
				cuts = append(cuts, at)
			}
			last = answer
		}
		at = until
	}
	for i, from := range cuts {
		to := gap.To
		if i+1 < len(cuts) {
			to = cuts[i+1]
		}
		all = append(all, observed.Period{From: from, To: to})
	}
	return all
}

// answerAt is what masters of a shard answer at a moment, the last one that answers at all, and
// until when.
func answerAt(facts *observed.Facts, masters []string, at, end record.Millis) (answer string, until record.Millis) {
	answer, until = "silent", end
	for _, m := range masters {
		for _, r := range facts.RowsIn(m, at, end) {
			switch {
			case record.AnswerClass(r.Answer) == "silent" || r.Till <= at || r.From >= end:
			case r.From <= at:
				answer, until = r.Answer, min(until, r.Till)
			default:
				until = min(until, r.From)
			}
		}
	}
	return answer, until
}

// answersIn is for how long the masters of a shard gave which answer in a gap.
func answersIn(facts *observed.Facts, shard int, gap observed.Period) map[string]record.Millis {
	answers := map[string]record.Millis{}
	for i, master := range facts.MastersIn(shard, gap) {
		from, to := gap.From, gap.To
		for _, c := range facts.Changes {
			switch {
			case c.Shard != shard || c.Seen < gap.From || c.Seen > gap.To:
			case c.From == master:
				to = min(to, c.Seen)
			case c.To == master && i > 0:
				from = max(from, c.Seen)
			}
		}
		heard := record.Millis(0)
		for _, r := range facts.RowsIn(master, from, to) {
			if lasted := min(r.Till, to) - max(r.From, from); lasted > 0 && record.AnswerClass(r.Answer) != "silent" {
				answers[r.Answer] += lasted
				heard += lasted
			}
		}
		if silent := to - from - heard; silent > 0 {
			answers["silent"] += silent
		}
	}
	return answers
}

package observed

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// Stall is how long a node must have been silent for that to be told, or
	// stallProbes intervals of probes if that is more.
	Stall       = 100
	stallProbes = 4
)

// stall is a time for which a node gave no answer.
type stall struct {
	node     string
	From, To record.Millis // ms
}

func (s stall) Length() record.Millis { return s.To - s.From }

// IsStall tells whether a silence is more than the time between probes.
func (facts *Facts) IsStall(ms record.Millis) bool {
	return ms >= max(Stall, (stallProbes*facts.ProbePace))
}

// SilentNodes finds the nodes that no fault had hit and that did not respond between two
// moments, the longest first.
func (facts *Facts) SilentNodes(from, to record.Millis) []report.Finding {
	var stalls []stall
	for _, n := range facts.Started.Nodes {
		if facts.faulty(n.Name, from) {
			continue
		}
		worst := facts.LongestStall(n.Name, from, to)
		if facts.IsStall(worst.Length()) && !facts.hitDuring(n.Name, worst.From, worst.To) {
			stalls = append(stalls, worst)
		}
	}
	if len(stalls) == 0 {
		return nil
	}
	slices.SortStableFunc(stalls, func(a, b stall) int { return cmp.Compare(b.Length(), a.Length()) })
	f := report.Finding{Cause: report.PhaseNodesSilent}
	if facts.AnnouncesNames {
		f.Cause = report.PhaseResolver
	}
	for _, s := range stalls {
		f.Evidence = append(f.Evidence, ProbeEvidence(s.node, "silent", s.From, s.To))
	}
	return []report.Finding{f}
}

// LongestStall is the longest time between two moments for which a node's
// probes got no answer.
func (facts *Facts) LongestStall(node string, from, to record.Millis) stall {
	to = min(to, facts.ObservedUntil())
	var longest stall
	until := from
	see := func(next record.Millis) {
		for _, p := range facts.Outside(Period{until, min(next, to)}) {
			if s := (stall{node, p.From, p.To}); s.Length() > longest.Length() {
				longest = s
			}
		}
	}
	for _, r := range facts.RowsIn(node, from, to) {
		if record.AnswerClass(r.Answer) == "silent" {
			continue
		}
		see(r.From)
		until = max(until, r.Till)
	}
	if facts.answers[node] { // else nothing is known of it
		see(to)
	}
	return longest
}

// faulty tells whether a fault was in force on a node at a moment, or had been
// shortly before.
func (facts *Facts) faulty(node string, ms record.Millis) bool {
	hit := map[occurrence]bool{}
	for _, e := range facts.Events {
		f, ok := e.Data.(*record.Fault)
		if !ok || e.At > ms || f.Has(record.Promotes) || !slices.Contains(f.Targets, node) {
			continue
		}
		switch f.Phase {
		case record.FaultRequested, record.FaultEffective:
			hit[occurrence{f.Index, f.Occurrence}] = true
		case record.FaultHealed:
			hit[occurrence{f.Index, f.Occurrence}] = ms-e.At < facts.NodeTimeout()
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
func (facts *Facts) hitDuring(node string, from, to record.Millis) bool {
	if facts.faulty(node, from) || facts.heldBack(node, from, to) {
		return true
	}
	at, hit := facts.First(from, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && (f.Phase == record.FaultRequested || f.Phase == record.FaultEffective) && slices.Contains(f.Targets, node)
	})
	return hit && at <= to
}

// heldBack tells whether a replica of a master was told to take over in a span, or right
// before it: the master then answers no writes.
func (facts *Facts) heldBack(master string, from, to record.Millis) bool {
	asked, ok := facts.First(from-report.Noticeable, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && f.Has(record.Promotes) && f.Phase == record.FaultRequested &&
			slices.ContainsFunc(f.Shards, func(shard int) bool { return facts.MasterAt(shard, from) == master })
	})
	return ok && asked <= to
}

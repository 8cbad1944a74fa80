package observed

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Restarted is the start of a server so shortly before a moment that it takes no writes yet
// (CLUSTER_WRITABLE_DELAY, and the delay of one that rejoins).
func (facts *Facts) Restarted(node string, ms record.Millis) (ready LogLine, ok bool) {
	starts := facts.Logs(node, record.LogReady, max(0, ms-max(writableDelay, facts.rejoinDelay())-report.Noticeable), ms)
	if len(starts) == 0 {
		return ready, false
	}
	return starts[len(starts)-1], true
}

// writableDelay is how long after its start a master takes no writes, in ms.
const writableDelay = 2000

// WithoutMajority is for how long faults kept so many masters from a node, which none kept
// away, that no majority was left, between two moments, in ms.
func (facts *Facts) WithoutMajority(node string, from, to record.Millis) (lasted record.Millis, evidence []report.Evidence) {
	cuts := []record.Millis{from, to}
	for _, f := range facts.Faults {
		_, over, _ := f.InForce(to)
		for _, at := range []record.Millis{f.Asked(), over} {
			if f.Effective != nil && at > from && at < to {
				cuts = append(cuts, at)
			}
		}
	}
	slices.Sort(cuts)
	for i, end := range cuts[1:] {
		middle := ((cuts[i] + end) / 2)
		if _, hidden := facts.FaultOn(node, middle); hidden {
			continue
		}
		if away, none := facts.NoMajority(middle); none {
			lasted, evidence = lasted+end-cuts[i], away
		}
	}
	return lasted, evidence
}

// MajorityBack is the faults that had left no majority of masters until one of them was
// healed, in a span or shortly before it: those left wait before they serve again.
func (facts *Facts) MajorityBack(from, to record.Millis) []report.Evidence {
	for _, f := range facts.Faults {
		_, over, ok := f.InForce(record.Millis(math.Inf(1)))
		if !ok || over < from-facts.rejoinDelay()-EndSlack || over > to {
			continue
		}
		if evidence, none := facts.NoMajority(over - 1); none {
			return evidence
		}
	}
	return nil
}

// rejoinDelay is how long a master that had lost touch with most masters takes no writes
// once it reaches them again, in ms (clusterUpdateState).
func (facts *Facts) rejoinDelay() record.Millis { return min(max(facts.NodeTimeout(), 500), 5000) }

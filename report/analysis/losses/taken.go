package losses

import (
	"cmp"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// takenFrom is the fault that took writes from the server that had acked them: what it had not fsynced, or its
// files. A failover away from it had them lost, in place of that, if its winner kept what it had.
func takenFrom(facts *observed.Facts, l record.Loss, by *report.Failover) (index int, cause report.Cause, ok bool) {
	index, ok = takes(facts, l.Node, l.First, facts.End)
	if !ok {
		return 0, "", false
	}
	if by != nil {
		if from, _, _ := facts.Faults[index].InForce(facts.End); from <= report.OrZero(by.At) {
			if _, also := takes(facts, by.NewMaster, l.First, report.OrZero(by.At)); !also {
				return 0, "", false
			}
		}
	}
	cause, ok = takenBy(facts.Faults[index])
	return index, cause, ok
}

// takenBy is how writes are lost by a fault that takes them from the server that has them.
func takenBy(f observed.Fault) (report.Cause, bool) {
	switch {
	case f.Has(record.Unsyncs):
		return report.LossNotSynced, true
	case f.Has(record.Damages):
		return report.LossFilesDamaged, true
	default:
		return "", false
	}
}

// takes is the first fault between two moments that took from a server what it had written.
func takes(facts *observed.Facts, node string, since, until record.Millis) (index int, ok bool) {
	first := until
	for i, f := range facts.Faults {
		from, _, _ := f.InForce(facts.End)
		if _, takes := takenBy(f); takes && f.Hits(node) && from+observed.SeenLate >= since && from <= first {
			index, first, ok = i, from, true
		}
	}
	return index, ok
}

// takenEvidence is the fault, and what decides how much it takes.
func takenEvidence(facts *observed.Facts, fault int, node string) []report.Evidence {
	evidence := []report.Evidence{facts.FaultEvidence(fault, node)}
	if facts.Faults[fault].Has(record.Unsyncs) && facts.Started.Config["appendonly"] == "yes" {
		evidence = append(evidence, observed.Directive("appendfsync", cmp.Or(facts.Started.Config["appendfsync"], "everysec")))
	}
	return evidence
}

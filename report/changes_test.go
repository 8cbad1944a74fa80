package report

import (
	"fmt"
	"testing"
)

// Each cause is listed once, with what would change it; those that nothing would are not.
func TestWhatWouldChangeIt(t *testing.T) {
	coverage := Outage{Finding: withChanges(outageRows(), []Finding{{Cause: OutageCoverage}})[0]}
	down := Outage{Finding: withChanges(outageRows(), []Finding{{Cause: OutageMasterDown}})[0]}
	lost := Loss{Finding: withChanges(lossRows(), []Finding{{Cause: LossNotReplicated}})[0]}
	r := &Result{
		Outages:   []Outage{coverage, down, coverage, {Finding: Finding{Cause: CauseUnknown}}},
		Missed:    []Missed{{Findings: withChanges(missedRows(), []Finding{{Cause: MissedNoReplica}})}},
		Failovers: []Failover{{Phases: []Phase{{Name: phaseOpening, Findings: withChanges(phaseRows(), []Finding{{Cause: PhaseCoverage}})}}}},
		Workloads: []Workload{{Writes: Writes{Losses: []Loss{lost}}}},
	}
	want := "[[the opening took longer than predicted `full_coverage` `cluster-require-full-coverage no`] [a master was not replaced `no_replica` a replica] " +
		"[a shard took no writes `full_coverage` `cluster-require-full-coverage no`] [acked writes are gone `not_replicated` `WAIT`, `min-replicas-to-write`]]"
	if got := fmt.Sprint(changes(r).Rows); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

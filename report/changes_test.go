package report

import (
	"fmt"
	"testing"
)

// Each cause is listed once, with what would change it; those that nothing would are not.
func TestWhatWouldChangeIt(t *testing.T) {
	of := func(cause Cause) Finding { return Finding{Cause: cause} }
	coverage := Outage{Finding: of(OutageCoverage)}
	r := &Result{
		Outages:   []Outage{coverage, {Finding: of(OutageMasterDown)}, coverage, {Finding: of(CauseUnknown)}},
		Missed:    []Missed{{Findings: []Finding{of(MissedNoReplica)}}},
		Failovers: []Failover{{Phases: []Phase{{Name: phaseOpening, Findings: []Finding{of(PhaseCoverage)}}}}},
		Workloads: []Workload{{Writes: Writes{Losses: []Loss{{Finding: of(LossNotReplicated)}}}}},
	}
	Describe(r)
	want := "[[the opening took longer than predicted `full_coverage` `cluster-require-full-coverage no`] [a master was not replaced `no_replica` a replica] " +
		"[a shard took no writes `full_coverage` `cluster-require-full-coverage no`] [acked writes are gone `not_replicated` `WAIT`, `min-replicas-to-write`]]"
	if got := fmt.Sprint(changes(r).Rows); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

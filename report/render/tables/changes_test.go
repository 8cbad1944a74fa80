package tables

import (
	"fmt"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
)

// Each cause is listed once, with what would change it; those that nothing would are not.
func TestWhatWouldChangeIt(t *testing.T) {
	of := func(cause report.Cause) report.Finding { return report.Finding{Cause: cause} }
	coverage := report.Outage{Finding: of(report.OutageCoverage)}
	r := &report.Result{
		Outages:   []report.Outage{coverage, {Finding: of(report.OutageMasterDown)}, coverage, {Finding: of(report.CauseUnknown)}},
		Missed:    []report.Missed{{Findings: []report.Finding{of(report.MissedNoReplica)}}},
		Failovers: []report.Failover{{Phases: []report.Phase{{Name: report.OpeningPhase, Findings: []report.Finding{of(report.PhaseCoverage)}}}}},
		Workloads: []report.Workload{{Writes: report.Writes{Losses: []report.Loss{{Finding: of(report.LossNotReplicated)}}}}},
	}
	prose.Describe(r)
	want := "[[the opening took longer than predicted `full_coverage` `cluster-require-full-coverage no`] [a master was not replaced `no_replica` a replica] " +
		"[a shard took no writes `full_coverage` `cluster-require-full-coverage no`] [acked writes are gone `not_replicated` `WAIT`, `min-replicas-to-write`]]"
	if got := fmt.Sprint(changes(r).Rows); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

package report

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What a workload needs beyond the new master's first write is the client library's,
// unless it waits for replicas, which the new master may not have.
func TestLibraryPart(t *testing.T) {
	h := &history{
		end: 30_000,
		done: []*record.WorkloadDone{
			{Name: "plain", EndMS: 30_000},
			{Name: "waits", EndMS: 30_000, Wait: &record.Waits{Replicas: 1}},
			{Name: "on disk", EndMS: 30_000, WaitAOF: &record.WaitsAOF{}},
		},
	}
	for _, d := range h.done {
		h.acks = append(h.acks, interval{node: "new", workload: d.Name, from: 9500, to: 30_000})
	}
	firstWrite := 4000.0
	got := h.recoveries(change{to: "new"}, Failover{FirstWriteMS: &firstWrite, effective: 5000})
	if len(got) != 3 {
		t.Fatalf("got %+v", got)
	}
	for _, r := range got {
		if r.RecoveryMS == nil || *r.RecoveryMS != 4500 {
			t.Errorf("%s: recovered after %v", r.Workload, r.RecoveryMS)
		}
		if waits := r.Workload != "plain"; waits != (r.LibraryMS == nil) || !waits && *r.LibraryMS != 500 {
			t.Errorf("%s: the library took %v", r.Workload, r.LibraryMS)
		}
	}
}

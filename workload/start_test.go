package workload

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// A workload that starts late and stops early writes in between only.
func TestStartAndStop(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, ":1")
	rec := newRecord()
	w, err := New(scenarios.Workload{
		Name: "w", Type: "set", Clients: 2, Keys: 1, Rate: scenarios.Rate{{From: 100, To: 900, Over: units.Duration(time.Second) / 5}},
		Start: units.Duration(time.Second) / 5, Stop: 16 * units.Duration(time.Second) / 5, // with time to spare for a machine that stands still
	}, "run", 1, s, rec)
	must(t, err)
	must(t, w.Run(t.Context(), time.Hour))
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Start < 200 || done.Attempted == 0 || done.Attempted+done.Unsent > 2620 || done.Rates != "100/s to 900/s over 200ms" {
		t.Errorf("got %s", describe(done))
	}
	for _, e := range rec.Events() {
		if _, ok := e.Data.(*record.LatencyInterval); ok && e.At < done.Start {
			t.Errorf("an interval from %v ms on, of a workload that began at %v", e.At, done.Start)
		}
	}
}

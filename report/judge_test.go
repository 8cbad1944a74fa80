package report

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What can be expected of operations is that of all workloads, or of the slowest.
func TestFiguresOfOperations(t *testing.T) {
	r := &Result{
		Writes: Writes{Attempted: 1000, Acked: 780, Failed: 200, Indeterminate: 20},
		Workloads: []Workload{
			{Name: "a", LatencyMS: &record.Latency{P50: 1, P95: 2, P99: 3, P999: 4, Max: 500}},
			{Name: "b", LatencyMS: &record.Latency{P50: 0.5, P95: 9, P99: 10, P999: 11, Max: 12}},
		},
	}
	for name, want := range map[string]float64{
		"failed_ratio": 0.22, "availability": 0.78, "latency_p50": 1, "latency_p95": 9, "latency_p99": 10, "latency_p999": 11, "latency_max": 500,
	} {
		if got, missing := metric(name, r); got == nil || *got != want {
			t.Errorf("%s: %v (%s), want %v", name, got, missing, want)
		}
	}
	// What was not measured meets no bound.
	r.Writes, r.Workloads[1].LatencyMS = Writes{}, nil
	for name, want := range map[string]string{
		"failed_ratio": "no operation was attempted", "availability": "no operation was attempted", "latency_p99": "no operation of workload b was acked",
	} {
		if got, missing := metric(name, r); got != nil || missing != want {
			t.Errorf("%s: %v (%s), want none (%s)", name, got, missing, want)
		}
	}
}

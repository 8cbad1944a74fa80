package figures

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// What can be expected of operations is that of all workloads, or of the slowest.
func TestFiguresOfOperations(t *testing.T) {
	r := &report.Result{
		Writes: report.Writes{Attempted: 1000, Acked: 780, Failed: 200, Indeterminate: 20},
		Faults: []report.Fault{{Kind: "kill"}, {Kind: "kill", Skipped: "a is a replica by now"}},
		Workloads: []report.Workload{
			{Name: "a", Latency: &record.Latency{P50: 1, P95: 2, P99: 3, P999: 4, Max: 500}},
			{Name: "b", Latency: &record.Latency{P50: 0.5, P95: 9, P99: 10, P999: 11, Max: 12}},
		},
	}
	for name, want := range map[string]float64{
		"failed_ratio": 0.22, "availability": 0.78, "latency_p50": 1, "latency_p95": 9, "latency_p99": 10, "latency_p999": 11, "latency_max": 500, "skipped_faults": 1,
	} {
		if got, missing := metric(name, r); got == nil || *got != want {
			t.Errorf("%s: %v (%v), want %v", name, got, missing, want)
		}
	}
	// What was not measured meets no bound.
	r.Writes, r.Workloads[1].Latency = report.Writes{}, nil
	for name, want := range map[string]string{
		"failed_ratio": "nothing_attempted", "availability": "nothing_attempted", "latency_p99": "nothing_acked b",
	} {
		if got, missing := metric(name, r); got != nil || sample.Why(missing) != want {
			t.Errorf("%s: %v (%v), want none (%s)", name, got, missing, want)
		}
	}
}

// Each figure that a workload can tell is also known of it alone.
func TestFiguresOfOneWorkload(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	r := &report.Result{
		Writes: report.Writes{Attempted: 2000, Acked: 1500, Lost: n(12)},
		Workloads: []report.Workload{
			{Name: "orders", Writes: report.Writes{Attempted: 1000, Acked: 900, Judged: 900, Failed: 90, Indeterminate: 10, Lost: n(9), LostRatio: new(0.01),
				LossWindow: &[2]record.Millis{100, 350}, Duplicated: n(2), OutOfOrder: n(1)},
				Latency: &record.Latency{P50: 1, P95: 2, P99: 3, P999: 4, Max: 5}, Reads: &report.Reads{Reads: record.Reads{OK: 80, Stale: 7}}},
			{Name: "carts", Writes: report.Writes{Attempted: 1000, Acked: 600, Judged: 600, Lost: n(3)}, Latency: &record.Latency{P50: 50, Max: 500},
				Locks: &record.Locks{Acquired: 90, DoubleHolds: 4, Longest: 20}},
			{Name: "news", Writes: report.Writes{Attempted: 1, Acked: 1, Judged: 1}, Linearizability: &record.Linearizability{Verdict: record.LinearizabilityOK, Reads: 1},
				Heard:    &record.Heard{Subscribers: []record.Subscriber{{Acked: 9, MissedConnected: 5}}},
				Consumed: &record.Consumed{Groups: []record.Group{{Group: "g", RedeliveredUnacked: 6, Undelivered: n(8)}}}},
			{Name: "idle", Writes: report.Writes{Attempted: 5, Failed: 5, Lost: n(0)}, Locks: &record.Locks{}, Reads: &report.Reads{},
				Linearizability: &record.Linearizability{Verdict: record.LinearizabilityOK}, Heard: &record.Heard{Subscribers: []record.Subscriber{{}}},
				Consumed: &record.Consumed{Groups: []record.Group{{Group: "g", Undelivered: n(0)}}}},
		},
		Failovers: []report.Failover{
			{Shard: 0, NewMaster: "b", Clients: []report.Recovery{{Workload: "orders", Recovery: new(record.Millis(2500.0)), Awaited: true}, {Workload: "carts", Awaited: true}}},
			{Shard: 1, NewMaster: "c", Clients: []report.Recovery{{Workload: "orders", Recovery: new(record.Millis(3500.0)), Awaited: true}, {Workload: "carts", Awaited: true}}},
		},
	}
	for _, test := range []struct {
		name, bound, found string
		ok                 bool
	}{
		{"workloads.orders.lost_writes", "9", "9", true},
		{"workloads.carts.lost_writes", "<= 2", "3", false},
		{"workloads.orders.lost_ratio", "<= 1%", "0.01", true},
		{"workloads.carts.lost_ratio", "<= 1%", "unread", false},
		{"workloads.news.lost_writes", "0", "unread", false},
		{"workloads.orders.loss_window", "250ms", "250", true},
		{"workloads.orders.duplicated", "2", "2", true},
		{"workloads.orders.out_of_order", "1", "1", true},
		{"workloads.orders.failed_ratio", "10%", "0.1", true},
		{"workloads.orders.availability", "91%", "0.9", false},
		{"workloads.orders.latency_max", "5ms", "5", true},
		{"workloads.news.latency_p50", "5ms", "nothing_acked news", false},
		{"workloads.orders.client_recovery", "4s", "3500", true},
		{"workloads.carts.client_recovery", "4s", "not_reached carts", false},
		{"workloads.orders.stale_reads", "7", "7", true},
		{"workloads.carts.stale_reads", "7", "reads_unfinished", false},
		{"workloads.news.missed_messages", "5", "5", true},
		{"workloads.news.redelivered", "6", "6", true},
		{"workloads.news.undelivered", "8", "8", true},
		{"workloads.carts.double_holds", "4", "4", true},
		{"workloads.carts.double_held", "20ms", "20", true},
		{"workloads.news.linearizable", "true", "true", true},
		{"workloads.idle.lost_writes", "0", "no_acked_writes", false},
		{"workloads.idle.stale_reads", "0", "no_read_answered", false},
		{"workloads.idle.double_holds", "0", "no_lock_acquired", false},
		{"workloads.idle.linearizable", "true", "not_answered idle", false},
		{"workloads.idle.missed_messages", "0", "no_message_acked", false},
		{"workloads.idle.undelivered", "0", "no_entry_acked idle", false},
		{"workloads.late.lost_writes", "0", "unfinished late", false},
	} {
		e, err := expect.Parse(test.name, test.bound)
		if err != nil {
			t.Fatal(err)
		}
		got := Judge(&scenarios.Scenario{Expect: []expect.Expectation{e}}, r)[0]
		if got.Name != test.name || sample.Found(got) != test.found || got.OK != test.ok {
			t.Errorf("%s %s: %+v, want %q", test.name, test.bound, got, test.found)
		}
	}
}

package report

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
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

// Each figure that a workload can tell is also known of it alone.
func TestFiguresOfOneWorkload(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	r := &Result{
		Writes: Writes{Attempted: 2000, Acked: 1500, Lost: n(12)},
		Workloads: []Workload{
			{Name: "orders", Writes: Writes{Attempted: 1000, Acked: 900, Judged: 900, Failed: 90, Indeterminate: 10, Lost: n(9), LostRatio: number(0.01),
				LossWindowMS: &[2]float64{100, 350}, Duplicated: n(2), OutOfOrder: n(1)},
				LatencyMS: &record.Latency{P50: 1, P95: 2, P99: 3, P999: 4, Max: 5}, Reads: &Reads{Reads: record.Reads{OK: 80, Stale: 7}}},
			{Name: "carts", Writes: Writes{Attempted: 1000, Acked: 600, Judged: 600, Lost: n(3)}, LatencyMS: &record.Latency{P50: 50, Max: 500},
				Locks: &record.Locks{Acquired: 90, DoubleHolds: 4, LongestMS: 20}},
			{Name: "news", Writes: Writes{Attempted: 1, Acked: 1, Judged: 1}, Linearizability: &record.Linearizability{Verdict: record.LinearizabilityOK, Reads: 1},
				Heard:    &record.Heard{Subscribers: []record.Subscriber{{Acked: 9, MissedConnected: 5}}},
				Consumed: &record.Consumed{Groups: []record.Group{{Group: "g", RedeliveredUnacked: 6, Undelivered: n(8)}}}},
			{Name: "idle", Writes: Writes{Attempted: 5, Failed: 5, Lost: n(0)}, Locks: &record.Locks{}, Reads: &Reads{},
				Linearizability: &record.Linearizability{Verdict: record.LinearizabilityOK}, Heard: &record.Heard{Subscribers: []record.Subscriber{{}}},
				Consumed: &record.Consumed{Groups: []record.Group{{Group: "g", Undelivered: n(0)}}}},
		},
		Failovers: []Failover{
			{Shard: 0, NewMaster: "b", Clients: []Recovery{{Workload: "orders", RecoveryMS: number(2500), Awaited: true}, {Workload: "carts", Awaited: true}}},
			{Shard: 1, NewMaster: "c", Clients: []Recovery{{Workload: "orders", RecoveryMS: number(3500), Awaited: true}, {Workload: "carts", Awaited: true}}},
		},
	}
	for _, test := range []struct {
		name, bound, shown string
		ok                 bool
	}{
		{"workloads.orders.lost_writes", "9", "9", true},
		{"workloads.carts.lost_writes", "<= 2", "3", false},
		{"workloads.orders.lost_ratio", "<= 1%", "1.00 %", true},
		{"workloads.carts.lost_ratio", "<= 1%", "not measured: the writes were not read back", false},
		{"workloads.news.lost_writes", "0", "not measured: the writes were not read back", false},
		{"workloads.orders.loss_window", "250ms", "250 ms", true},
		{"workloads.orders.duplicated", "2", "2", true},
		{"workloads.orders.out_of_order", "1", "1", true},
		{"workloads.orders.failed_ratio", "10%", "10.00 %", true},
		{"workloads.orders.availability", "91%", "90.00 %", false},
		{"workloads.orders.latency_max", "5ms", "5.00 ms", true},
		{"workloads.news.latency_p50", "5ms", "not measured: no operation of workload news was acked", false},
		{"workloads.orders.client_recovery", "4s", "3.50 s", true},
		{"workloads.carts.client_recovery", "4s", "not measured: shard 0: workload carts had no write on the shard acked by b", false},
		{"workloads.orders.stale_reads", "7", "7", true},
		{"workloads.carts.stale_reads", "7", "not measured: the workloads that read did not get to their end", false},
		{"workloads.news.missed_messages", "5", "5", true},
		{"workloads.news.redelivered", "6", "6", true},
		{"workloads.news.undelivered", "8", "8", true},
		{"workloads.carts.double_holds", "4", "4", true},
		{"workloads.carts.double_held", "20ms", "20 ms", true},
		{"workloads.news.linearizable", "true", "true", true},
		{"workloads.idle.lost_writes", "0", "not measured: no write was acked", false},
		{"workloads.idle.stale_reads", "0", "not measured: no read was answered", false},
		{"workloads.idle.double_holds", "0", "not measured: no lock was acquired", false},
		{"workloads.idle.linearizable", "true", "not measured: no operation of workload idle was answered", false},
		{"workloads.idle.missed_messages", "0", "not measured: no message was acked", false},
		{"workloads.idle.undelivered", "0", "not measured: no write of workload idle was acked", false},
		{"workloads.late.lost_writes", "0", "not measured: workload late did not get to its end", false},
	} {
		e, err := scenarios.ParseExpectation(test.name, test.bound)
		if err != nil {
			t.Fatal(err)
		}
		if got := judge(&scenarios.Scenario{Expect: []scenarios.Expectation{e}}, r)[0]; got.Name != test.name || got.Shown != test.shown || got.OK != test.ok {
			t.Errorf("%s %s: %+v, want %q", test.name, test.bound, got, test.shown)
		}
	}
}

// That no write is lost shows nothing of a shard that acked none after the fault.
func TestLossesOfShardsThatAckedNothingAfterTheFault(t *testing.T) {
	lost := int64(0)
	yes, no := true, false
	acked, silent := Shard{AckedAfterFault: &yes}, Shard{AckedAfterFault: &no}
	in := func(shards ...Shard) []Shard {
		for i := range shards {
			shards[i].Shard = i
		}
		return shards
	}
	hit, missed := Fault{EffectiveMS: number(1000)}, Fault{}
	for _, test := range []struct {
		expect string
		faults []Fault
		shards []Shard
		shown  string
	}{
		{"lost_writes: 0", []Fault{hit}, in(acked, acked, silent), "0 (shard 2 had no acked write after the fault: nothing is shown of it)"},
		{"lost_ratio: 1%", []Fault{hit, missed}, in(acked, silent, silent), "0.00 % (shards 1, 2 had no acked write after the fault: nothing is shown of them)"},
		{"workloads.orders.lost_writes: 0", []Fault{hit, hit}, in(silent, acked), "0 (shard 0 had no acked write after the first fault: nothing is shown of it)"},
		{"lost_writes: 0", []Fault{hit}, in(acked, acked), "0"},
		{"lost_writes: 0", []Fault{missed}, in(silent, acked), "0"},
		{"availability: 90%", []Fault{hit}, in(silent, acked), "100.00 %"},
	} {
		writes := Writes{Attempted: 10, Acked: 10, Judged: 10, Lost: &lost, LostRatio: number(0)}
		r := &Result{Faults: test.faults, Shards: test.shards, Writes: writes, Workloads: []Workload{{Name: "orders", Writes: writes}}}
		if got := judge(expecting(t, test.expect), r)[0]; !got.OK || got.Shown != test.shown {
			t.Errorf("%s: %+v, want %q", test.expect, got, test.shown)
		}
	}
}

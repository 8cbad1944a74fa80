package report

import "testing"

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
	hit, missed := Fault{EffectiveMS: new(1000.0)}, Fault{}
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
		writes := Writes{Attempted: 10, Acked: 10, Judged: 10, Lost: &lost, LostRatio: new(0.0)}
		r := &Result{Faults: test.faults, Shards: test.shards, Writes: writes, Workloads: []Workload{{Name: "orders", Writes: writes}}}
		got := judge(expecting(t, test.expect), r)[0]
		got.Shown = shown(r, got)
		if !got.OK || got.Shown != test.shown {
			t.Errorf("%s: %+v, want %q", test.expect, got, test.shown)
		}
	}
}

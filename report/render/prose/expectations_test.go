package prose

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// That no write is lost shows nothing of a shard that acked none after the fault.
func TestLossesOfShardsThatAckedNothingAfterTheFault(t *testing.T) {
	yes, no := true, false
	acked, silent := report.Shard{AckedAfterFault: &yes}, report.Shard{AckedAfterFault: &no}
	in := func(shards ...report.Shard) []report.Shard {
		for i := range shards {
			shards[i].Shard = i
		}
		return shards
	}
	hit, missed := report.Fault{Effective: new(record.Millis(1000.0))}, report.Fault{}
	for _, test := range []struct {
		name   string
		got    any
		faults []report.Fault
		shards []report.Shard
		shown  string
	}{
		{"lost_writes", int64(0), []report.Fault{hit}, in(acked, acked, silent), "0 (shard 2 had no acked write after the fault: nothing is shown of it)"},
		{"lost_ratio", 0.0, []report.Fault{hit, missed}, in(acked, silent, silent), "0.00 % (shards 1, 2 had no acked write after the fault: nothing is shown of them)"},
		{"workloads.orders.lost_writes", int64(0), []report.Fault{hit, hit}, in(silent, acked), "0 (shard 0 had no acked write after the first fault: nothing is shown of it)"},
		{"lost_writes", int64(0), []report.Fault{hit}, in(acked, acked), "0"},
		{"lost_writes", int64(0), []report.Fault{missed}, in(silent, acked), "0"},
		{"availability", 1.0, []report.Fault{hit}, in(silent, acked), "100.00 %"},
	} {
		r := &report.Result{Faults: test.faults, Shards: test.shards}
		if got := shown(r, report.Expectation{Name: test.name, Got: test.got}); got != test.shown {
			t.Errorf("%s: %s, want %s", test.name, got, test.shown)
		}
	}
}

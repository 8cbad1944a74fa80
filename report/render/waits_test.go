package render

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

func TestWaitsForDisksAreTold(t *testing.T) {
	events := append(sample.AFailover(), sample.At(8001, &record.WorkloadDone{
		Name: "x", Kind: "set", Start: 7001, End: 8001, Attempted: 500, Acked: 300, Indeterminate: 200,
		WaitAOF: &record.WaitsAOF{Local: 1, Replicas: 1, Timeout: 1000, Replies: []record.OnDisk{{Local: 0, Replicas: 1, Writes: 200}, {Local: 1, Replicas: 1, Writes: 300}}},
	}))
	r := told(sample.OneFault(), events)
	if x := r.Workloads[1]; x.Wait != nil || x.WaitAOF == nil {
		t.Errorf("%+v", x)
	}
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	want := "| x | the master and 1 replica within 1.00 s | no | 1 | 200 | 40.00 % |\n| x | the master and 1 replica within 1.00 s | yes | 1 | 300 | 60.00 % |"
	if !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

func TestWaitsAreTold(t *testing.T) {
	events := append(sample.AFailover(), sample.At(8001, &record.WorkloadDone{
		Name: "x", Kind: "set", Start: 7001, End: 8001, Attempted: 400, Acked: 300, Indeterminate: 100,
		Wait: &record.Waits{Replicas: 1, Timeout: 100, Replies: map[int]int64{1: 300, 0: 100}},
	}))
	r := told(sample.OneFault(), events)
	if x := r.Workloads[1]; x.Wait == nil || *x.ThroughputOps != 300 {
		t.Errorf("%+v", x)
	}
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	want := "| x | 1 replica within 100 ms | 0 | 100 | 25.00 % |\n| x | 1 replica within 100 ms | 1 | 300 | 75.00 % |"
	if !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

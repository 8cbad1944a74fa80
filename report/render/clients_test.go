package render

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestClientOptionsAreTold(t *testing.T) {
	s := sample.OneFault()
	s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x", Client: scenarios.ClientOptions{Preset: scenarios.PresetFastFailover}})
	r := told(s, append(sample.AFailover(), sample.At(8001, &record.WorkloadDone{
		Name: "x", Kind: "set", Start: 7001, End: 8001,
		Client: &record.ClientSettings{
			Preset: "fast-failover", DialTimeout: 200, DialerRetries: 1, WriteTimeout: 300, PoolSize: 20, PoolTimeout: 300,
			MaxRedirects: 3, MinRetryBackoff: 5, MaxRetryBackoff: 50, ClusterStateReload: 200,
		},
	})))
	if x := r.Workloads[1]; x.Client == nil || x.Client.Preset != "fast-failover" || *x.Reload != 200 {
		t.Errorf("%+v", x)
	}
	if w := r.Workloads[0]; w.Client != nil {
		t.Errorf("%+v", w.Client)
	}
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	want := "| x | fast-failover | 200 ms | 1 | none | 300 ms | 20 | 300 ms | 3 | 5.00 – 50 ms | 200 ms |"
	if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "pipelining") {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

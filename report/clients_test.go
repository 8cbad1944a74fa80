package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestClientOptionsAreTold(t *testing.T) {
	s := oneFault()
	s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x", Client: scenarios.ClientOptions{Preset: scenarios.PresetFastFailover}})
	r := told(s, append(aFailover(), at(8001, &record.WorkloadDone{
		Name: "x", Kind: "set", StartMS: 7001, EndMS: 8001,
		Client: &record.ClientSettings{
			Preset: "fast-failover", DialTimeoutMS: 200, DialerRetries: 1, WriteTimeoutMS: 300, PoolSize: 20, PoolTimeoutMS: 300,
			MaxRedirects: 3, MinRetryBackoffMS: 5, MaxRetryBackoffMS: 50, ClusterStateReloadMS: 200,
		},
	})))
	if x := r.Workloads[1]; x.Client == nil || x.Client.Preset != "fast-failover" || *x.ReloadMS != 200 {
		t.Errorf("%+v", x)
	}
	if w := r.Workloads[0]; w.Client != nil {
		t.Errorf("%+v", w.Client)
	}
	var out strings.Builder
	if err := WriteMarkdown(&out, r); err != nil {
		t.Fatal(err)
	}
	want := "| x | fast-failover | 200 ms | 1 | none | 300 ms | 20 | 300 ms | 3 | 5.00 – 50 ms | 200 ms |"
	if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "pipelining") {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

// Who makes the pipelines is told only where a workload shares some.
func TestPipeliningIsTold(t *testing.T) {
	with := func(c record.ClientSettings) Workload { return Workload{Client: &c} }
	plain, own, library := with(record.ClientSettings{}), with(record.ClientSettings{Autopipeline: true}), with(record.ClientSettings{LibraryAutopipeline: true})
	for name, test := range map[string]struct {
		workloads []Workload
		want      []string // in the column; nil: there is none
	}{
		"none":           {[]Workload{plain, {}}, nil},
		"own, and none":  {[]Workload{own, plain, {}}, []string{"own", "–"}},
		"the library's":  {[]Workload{library}, []string{"go-redis's"}},
		"both, and none": {[]Workload{plain, library, own}, []string{"–", "go-redis's", "own"}},
	} {
		s := clients(&Result{Workloads: test.workloads})
		last := len(s.Columns) - 1
		var got []string
		for _, row := range s.Rows {
			if len(row) != len(s.Columns) {
				t.Fatalf("%s: %d cells in %d columns", name, len(row), len(s.Columns))
			}
			if s.Columns[last].Name == "pipelining" {
				got = append(got, row[last])
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

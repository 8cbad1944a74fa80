package tables

import (
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Who makes the pipelines is told only where a workload shares some.
func TestPipeliningIsTold(t *testing.T) {
	with := func(c record.ClientSettings) report.Workload { return report.Workload{Client: &c} }
	plain, own, library := with(record.ClientSettings{}), with(record.ClientSettings{Autopipeline: true}), with(record.ClientSettings{LibraryAutopipeline: true})
	for name, test := range map[string]struct {
		workloads []report.Workload
		want      []string // in the column; nil: there is none
	}{
		"none":           {[]report.Workload{plain, {}}, nil},
		"own, and none":  {[]report.Workload{own, plain, {}}, []string{"own", "–"}},
		"the library's":  {[]report.Workload{library}, []string{"go-redis's"}},
		"both, and none": {[]report.Workload{plain, library, own}, []string{"–", "go-redis's", "own"}},
	} {
		s := clients(&report.Result{Workloads: test.workloads})
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

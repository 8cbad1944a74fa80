package render

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// reading is the settings of a workload that reads.
type reading float64

// Traits implements scenarios.WorkloadSpec.
func (reading) Traits() []trait.Trait { return nil }

// Reads is the share of reads, and where they go.
func (r reading) Reads() (ratio float64, from string) { return float64(r), "any" }

func TestReadsAreTold(t *testing.T) {
	s := sample.OneFault()
	s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x", Spec: reading(0.8)})
	bound, err := expect.Parse("stale_reads", "<= 1")
	if err != nil {
		t.Fatal(err)
	}
	s.Expect = []expect.Expectation{bound}
	oldest := record.Millis(900)
	reads := &record.Reads{
		Ratio: 0.8, From: "any", Attempted: 510, OK: 500, Failed: 10, Stale: 4, Oldest: &oldest, Latency: &record.Latency{P50: 1, P99: 9, Max: 10},
		Nodes: []record.ReadNode{{Node: "a", OK: 300, Stale: 1}, {Node: "a2", OK: 200, Stale: 3}},
	}
	events := append(sample.AFailover(),
		sample.Stale(500, "a2", "replica", 7), sample.Stale(4300, "a2", "replica", 20), sample.Stale(4400, "a2", "replica", 900), sample.Stale(4500, "a", "master", 30),
		sample.At(8001, &record.WorkloadDone{Name: "x", Kind: "register", Start: 1, End: 8001, Attempted: 100, Acked: 100, Reads: reads}))
	r := told(s, events)
	x := r.Workloads[1]
	if x.Writes.Attempted != 100 || x.Reads == nil || len(x.Reads.Groups) != 3 || r.Workloads[0].Reads != nil || *r.StaleReads != 4 {
		t.Errorf("%+v", x)
	}
	if e := r.Expectations[0]; e.OK || e.Got != int64(4) {
		t.Errorf("%+v", e)
	}
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| x | any | 500 | 10 | 1.00 ms | 9.00 ms | 10 ms | 4 | 900 ms | a: 300 (**1 stale**), a2: 200 (**3 stale**) |",
		"| x | before | a2 | replica | 1 | 500 ms – 500 ms | 7.00 ms |\n" +
			"| x | **during kill** | a2 | replica | 2 | 4.30 s – 4.40 s | 900 ms |\n" +
			"| x | **during kill** | a | master | 1 | 4.50 s – 4.50 s | 30 ms |",
		"Workload x: 4 reads older than what had been acked before, of 500.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	// A workload that has not come to its end may have read anything.
	if r := told(s, sample.AFailover()); r.StaleReads != nil || r.Expectations[0].OK || r.Expectations[0].Reason.Why != report.WhyReadsUnfinished {
		t.Errorf("%v, %+v", r.StaleReads, r.Expectations)
	}
}

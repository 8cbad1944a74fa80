package render

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// Phases are in the reports, and say how many writes that were due were not acked.
func TestLatencyPhasesAreTold(t *testing.T) {
	events := sample.AFailover()
	for second := range 8 {
		events = append(events, sample.Latencies(t, record.Millis(float64(second)*1000), record.Millis(float64(second+1)*1000), "w", 2, 2, 3))
	}
	events = append(events, sample.At(8000, &record.LatencyInterval{Workload: "w", Until: 8500, Count: 1, Histogram: "x"}))
	r := told(sample.OneFault(), events)
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## Latency before, during and after the faults",
		"| w | before | 0 ms – 1.00 s | 3 of 100 due | 2.00 ms | 3.00 ms |",
		"| w | **during kill** | 1.00 s – 6.00 s | 15 of 500 due | 2.00 ms | 3.00 ms |",
		"Workload w: the latencies of 1 second are damaged in the record, and left out.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

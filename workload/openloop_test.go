package workload

import (
	"context"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// BenchmarkOpenLoop asks for 20,000 writes a second, and reports how many there
// were, in percent of that, and how late the latest in a hundred was sent.
func BenchmarkOpenLoop(b *testing.B) {
	cluster := newTestCluster(b, 3)
	for _, auto := range []bool{false, true} {
		name := "plain"
		if auto {
			name = "autopipeline"
		}
		b.Run(name, func(b *testing.B) {
			var rates, late []float64
			for range turns * b.N {
				rec := cluster.fresh(b)
				w, err := New(scenarios.Workload{
					Name: "orders", Type: "set", Clients: 50, Keys: 1000, ValueSize: units.FixedSize(16),
					Rate: scenarios.ConstantRate(20_000), Client: scenarios.ClientOptions{Autopipeline: auto},
				}, "run", 1, cluster, rec)
				must(b, err)
				must(b, w.Run(context.Background(), 5*time.Second))
				for _, e := range rec.Events() {
					if done, ok := e.Data.(*record.WorkloadDone); ok {
						rates = append(rates, 100*float64(done.Acked)/5/20_000)
						late = append(late, float64(done.Lateness.P99))
					}
				}
			}
			b.ReportMetric(median(rates), "%asked")
			b.ReportMetric(median(late), "ms-late-p99")
			b.ReportMetric(0, "ns/op")
		})
	}
}

package workload

import (
	"context"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// BenchmarkVerify measures how many elements are read back and judged in a second,
// of those that were written in three.
func BenchmarkVerify(b *testing.B) {
	cluster := newTestCluster(b, 3)
	for _, typ := range []string{"set", "hash", "list", "stream"} {
		b.Run(typ, func(b *testing.B) {
			var rates []float64
			for range turns * b.N {
				rec := cluster.fresh(b)
				w, err := New(scenarios.Workload{
					Name: "orders", Type: typ, Clients: 50, Keys: 1000, ValueSize: units.FixedSize(16),
					Pipeline: 16, Client: scenarios.ClientOptions{Autopipeline: true},
				}, "run", 1, cluster, rec)
				must(b, err)
				must(b, w.Run(context.Background(), 3*time.Second))
				started := time.Now()
				must(b, w.Verify(context.Background()))
				took := time.Since(started).Seconds()
				for _, e := range rec.Events() {
					if v, ok := e.Data.(*record.Verified); ok {
						if v.Lost+v.Foreign+v.Unverified != 0 {
							b.Fatal(describe(v))
						}
						rates = append(rates, float64(v.Checked)/took)
					}
				}
			}
			b.ReportMetric(median(rates), "elements/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

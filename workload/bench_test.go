package workload

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// BenchmarkTracking compares a workload of 50 clients with the bare client
// library: the same commands in the same loop, and nothing remembered.
func BenchmarkTracking(b *testing.B) {
	cluster := newTestCluster(b, 3)
	spec := scenarios.Workload{Name: "orders", Type: "register", Clients: 50, Keys: 1000, ValueSize: units.FixedSize(16)}
	var ratios []float64
	for i := range turns * b.N {
		// Either comes first as often.
		if i%2 == 0 {
			tracked := cluster.tracked(b, spec)
			ratios = append(ratios, tracked/cluster.untracked(b, spec))
		} else {
			untracked := cluster.untracked(b, spec)
			ratios = append(ratios, cluster.tracked(b, spec)/untracked)
		}
	}
	b.ReportMetric(100*median(ratios), "%untracked")
	b.ReportMetric(0, "ns/op")
}

// untracked writes for three seconds with the bare client library, and is how many
// writes a second it made.
func (c *testCluster) untracked(b *testing.B, spec scenarios.Workload) float64 {
	b.Helper()
	c.fresh(b)
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.addrs, DisableIdentity: true, PoolSize: spec.Clients + 4})
	defer rdb.Close()
	kind, err := newRegister(spec, 0)
	must(b, err)
	keys := make([]string, spec.Keys)
	for i := range keys {
		keys[i] = keyspace.KeyName("run", spec, i)
	}
	var writes atomic.Int64
	var clients sync.WaitGroup
	started := time.Now()
	for id := range spec.Clients {
		clients.Go(func() {
			var value []byte
			for n := uint32(0); time.Since(started) < 3*time.Second; n++ {
				value = kind.AppendValue(value[:0], id, n)
				if err := rdb.Set(b.Context(), keys[kind.KeyOf(id, n)], value, 0).Err(); err != nil {
					b.Error(err)
				}
				writes.Add(1)
			}
		})
	}
	clients.Wait()
	return float64(writes.Load()) / time.Since(started).Seconds()
}

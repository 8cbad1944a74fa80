package workload

import (
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// BenchmarkTracking compares a workload of 50 clients with the bare client
// library: the same commands in the same loop, and nothing remembered.
func BenchmarkTracking(b *testing.B) {
	cluster := newTestCluster(b, 3)
	spec := scenarios.Workload{Name: "orders", Type: "register", Clients: 50, Keys: 1000, ValueSize: scenarios.FixedSize(16)}
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
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.addrs, DisableIdentity: true, PoolSize: spec.Clients + sparePoolConns})
	defer rdb.Close()
	kind, err := newRegister(spec)
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

// BenchmarkAck measures entering an ack, with all clients on one row.
func BenchmarkAck(b *testing.B) {
	node := newAckBook(record.New(record.NewClock(), io.Discard), "orders", 1).node("node-0")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			node.ack(0, 1)
		}
	})
}

// BenchmarkEnded measures entering a call that has ended.
func BenchmarkEnded(b *testing.B) {
	var tally shardTally
	for now := 0.0; b.Loop(); now++ {
		tally.ended(call{client: 1, fromMS: now, overMS: now + 1})
	}
}

// BenchmarkOccupation measures entering and leaving a call that is not long.
func BenchmarkOccupation(b *testing.B) {
	o := newOccupation(record.New(record.NewClock(), io.Discard), "orders", 50)
	for now := 0.0; b.Loop(); now++ {
		o.enter(1, 2, now)
		o.leave(1, now, now+1)
	}
}

package workload

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// BenchmarkClosedLoop compares a workload of 16 clients with the bare client
// library: the same commands in the same loop, and nothing remembered.
func BenchmarkClosedLoop(b *testing.B) {
	cluster := newTestCluster(b, 3)
	spec := scenarios.Workload{Name: "orders", Type: "set", Clients: 16, Keys: 1000, ValueSize: scenarios.FixedSize(64)}
	b.Run("tracked", func(b *testing.B) {
		rec := cluster.fresh(b)
		w, err := New(spec, "run", 1, cluster, rec)
		must(b, err)
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		b.ResetTimer()
		go func() {
			for attempted := int64(0); attempted < int64(b.N); attempted, _, _, _ = w.Progress() {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		must(b, w.Run(ctx, time.Hour))
		attempted, _, _, _ := w.Progress()
		b.ReportMetric(float64(attempted)/b.Elapsed().Seconds(), "writes/s")
	})
	b.Run("untracked", func(b *testing.B) {
		cluster.fresh(b)
		rdb := cluster.clusterClient(b)
		kind := newSet(spec, 1)
		var next atomic.Int64
		var clients sync.WaitGroup
		b.ResetTimer()
		for id := range spec.Clients {
			clients.Go(func() {
				for n := uint32(0); next.Add(1) <= int64(b.N); n++ {
					key := fmt.Sprintf("run:orders:%d", kind.keyOf(id, n))
					value := appendValue(nil, id, n, sizesOf(spec))
					if err := rdb.SAdd(b.Context(), key, value).Err(); err != nil {
						b.Error(err)
					}
				}
			})
		}
		clients.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	})
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

package chaos

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// BenchmarkProbes is what probing costs this program, in per cent of one core.
func BenchmarkProbes(b *testing.B) {
	onClusters(b, func(b *testing.B, c *local.Cluster, rec *record.Record, masters int) {
		costOf(b, func(ctx context.Context) { newProber(c, rec, "bench", masters, probePace).run(ctx) })
	})
}

// BenchmarkTopology is what asking every node for its view costs.
func BenchmarkTopology(b *testing.B) {
	onClusters(b, func(b *testing.B, c *local.Cluster, rec *record.Record, masters int) {
		costOf(b, func(ctx context.Context) { newObserver(c, rec, Shards(c.Nodes(), masters), topologyPace).run(ctx) })
	})
}

func onClusters(b *testing.B, bench func(b *testing.B, c *local.Cluster, rec *record.Record, masters int)) {
	for _, masters := range []int{3, 30} {
		b.Run(fmt.Sprintf("nodes=%d", 2*masters), func(b *testing.B) {
			bench(b, benchCluster(b, masters), record.New(record.NewClock(), io.Discard), masters)
		})
	}
}

func benchCluster(b *testing.B, masters int) *local.Cluster {
	c, err := local.Deploy(b.Context(), local.Options{
		RunID: fmt.Sprintf("bench-observe-%d-%d", masters, time.Now().UnixNano()), Masters: masters, Replicas: 1, Mode: local.Unprivileged,
		Dir: filepath.Join(b.TempDir(), "run"),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.Down(context.Background()); err != nil {
			b.Error(err)
		}
	})
	return c
}

// costOf runs an observer for five seconds an iteration and reports the share of
// one core that this process used meanwhile.
func costOf(b *testing.B, observe func(context.Context)) {
	var used, elapsed time.Duration
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
		before, started := processTime(b), time.Now()
		observe(ctx)
		used += processTime(b) - before
		elapsed += time.Since(started)
		cancel()
	}
	b.ReportMetric(100*used.Seconds()/elapsed.Seconds(), "%core")
	b.ReportMetric(0, "ns/op")
}

func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

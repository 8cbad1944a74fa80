package chaos

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// BenchmarkObservedThroughput is the share of its throughput that a load which
// saturates six nodes keeps while they are probed and asked: the median of pairs.
func BenchmarkObservedThroughput(b *testing.B) {
	if _, err := exec.LookPath("redis-benchmark"); err != nil {
		b.Skip("needs redis-benchmark: apt-get install redis-tools")
	}
	c := benchCluster(b, 3)
	var ratios []float64
	for b.Loop() {
		alone := saturate(b, c)
		ctx, cancel := context.WithCancel(b.Context())
		rec := record.New(record.NewClock(), io.Discard)
		var observers sync.WaitGroup
		observers.Go(func() { newProber(c, rec, "bench", 3, probePace).run(ctx) })
		observers.Go(func() { newObserver(c, rec, Shards(c.Nodes(), 3), topologyPace).run(ctx) })
		observed := saturate(b, c)
		cancel()
		observers.Wait()
		ratios = append(ratios, observed/alone)
	}
	slices.Sort(ratios)
	b.ReportMetric(100*ratios[len(ratios)/2], "%throughput")
	b.ReportMetric(0, "ns/op")
}

// saturate loads the cluster and is how many writes a second it took.
func saturate(b *testing.B, c *local.Cluster) float64 {
	host, port, _ := net.SplitHostPort(c.Nodes()[0].Addr)
	out, err := exec.CommandContext(b.Context(), "redis-benchmark", "-h", host, "-p", port, "--cluster", "-c", "50", "-t", "set", "-d", "16", "-n", "200000", "--csv").Output()
	if err != nil {
		b.Fatalf("redis-benchmark: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if len(fields) > 1 && fields[0] == `"SET"` {
			rate, err := strconv.ParseFloat(strings.Trim(fields[1], `"`), 64)
			if err != nil {
				b.Fatal(err)
			}
			return rate
		}
	}
	b.Fatalf("redis-benchmark said %q", out)
	return 0
}

package observe

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

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

// BenchmarkProbes is what probing costs this program, in per cent of one core.
func BenchmarkProbes(b *testing.B) {
	onClusters(b, func(b *testing.B, c *local.Cluster, rec *record.Record, masters int) {
		costOf(b, func(ctx context.Context) {
			poll := newPoller(c, rec, probePace, probes(c.Nodes(), rec, "bench", slots.Equal(masters), probePace, asFormed(c.Nodes())))
			poll.run(ctx)
		})
	})
}

// BenchmarkObservation is what probing and asking every node for its view cost.
func BenchmarkObservation(b *testing.B) {
	onClusters(b, func(b *testing.B, c *local.Cluster, rec *record.Record, masters int) {
		costOf(b, observing(c, rec, masters))
	})
}

// observing probes and asks, as a run does.
func observing(c *local.Cluster, rec *record.Record, masters int) func(context.Context) {
	return func(ctx context.Context) {
		o := newViews(c.Nodes(), newIdentities(c.Nodes()), rec, Shards(c.Nodes(), slots.Equal(masters)), slots.Equal(masters), topologyPace)
		poll := newPoller(c, rec, probePace, append(o.questions(), probes(c.Nodes(), rec, "bench", slots.Equal(masters), probePace, o.place)...))
		poll.run(ctx)
	}
}

func onClusters(b *testing.B, bench func(b *testing.B, c *local.Cluster, rec *record.Record, masters int)) {
	secured, err := compose.MakeTLS(nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, of := range []struct {
		masters int
		access  compose.Access
		name    string
	}{{3, compose.Access{}, "nodes=6"}, {3, compose.Access{TLS: secured}, "nodes=6,tls"}, {30, compose.Access{}, "nodes=60"}} {
		b.Run(of.name, func(b *testing.B) {
			bench(b, benchCluster(b, of.masters, of.access), record.New(record.NewClock(), io.Discard), of.masters)
		})
	}
}

func benchCluster(b *testing.B, masters int, access compose.Access) *local.Cluster {
	c, err := local.Deploy(b.Context(), local.Options{
		RunID: fmt.Sprintf("bench-observe-%d-%d", masters, time.Now().UnixNano()), Masters: masters, Replicas: 1, Mode: local.Unprivileged,
		Dir: filepath.Join(b.TempDir(), "run"), Access: access,
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

// costOf runs an views for five seconds an iteration and reports the share of
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

// pairs is how often a benchmark measures with and without observing; the median
// counts.
const pairs = 10

// BenchmarkObservedThroughput is the share of its throughput that a load which
// saturates six nodes keeps while they are probed and asked: the median of pairs.
func BenchmarkObservedThroughput(b *testing.B) {
	if _, err := exec.LookPath("redis-benchmark"); err != nil {
		b.Skip("needs redis-benchmark: apt-get install redis-tools")
	}
	c := benchCluster(b, 3, compose.Access{})
	observed := func() float64 {
		ctx, cancel := context.WithCancel(b.Context())
		rec := record.New(record.NewClock(), io.Discard)
		var observers sync.WaitGroup
		defer observers.Wait()
		defer cancel()
		observers.Go(func() { observing(c, rec, 3)(ctx) })
		return saturate(b, c)
	}
	var ratios []float64
	for i := range pairs * b.N {
		// Either comes first as often: what comes second may find a busier machine.
		if i%2 == 0 {
			alone := saturate(b, c)
			ratios = append(ratios, observed()/alone)
		} else {
			with := observed()
			ratios = append(ratios, with/saturate(b, c))
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(100*ratios[len(ratios)/2], "%throughput")
	b.ReportMetric(0, "ns/op")
}

// saturate loads the cluster and is how many writes a second it took.
func saturate(b *testing.B, c *local.Cluster) float64 {
	host, port, _ := net.SplitHostPort(c.Nodes()[0].Addr)
	out, err := exec.CommandContext(b.Context(), "redis-benchmark", "-h", host, "-p", port, "--cluster", "-c", "50", "-t", "set", "-d", "16", "-n", "60000", "--csv").Output()
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

// BenchmarkObservationUnderLoad is what probing and asking six nodes add to what
// this process uses of one core while it writes 2,000 times a second: the median
// of pairs.
func BenchmarkObservationUnderLoad(b *testing.B) {
	c := benchCluster(b, 3, compose.Access{})
	var addrs []string
	for _, n := range c.Nodes() {
		addrs = append(addrs, n.Addr)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
	defer client.Close()
	share := func(observe func(context.Context)) float64 {
		ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
		defer cancel()
		var running sync.WaitGroup
		defer running.Wait()
		before, started := processTime(b), time.Now()
		for i := range 16 {
			running.Go(func() {
				for next := time.Now(); alarm.Sleep(ctx, time.Until(next)); next = next.Add(8 * time.Millisecond) {
					client.Set(ctx, fmt.Sprint("key", i), "value", 0)
				}
			})
		}
		observe(ctx)
		<-ctx.Done()
		return 100 * (processTime(b) - before).Seconds() / time.Since(started).Seconds()
	}
	rec := record.New(record.NewClock(), io.Discard)
	var added []float64
	for range pairs * b.N {
		alone := share(func(context.Context) {})
		added = append(added, share(observing(c, rec, 3))-alone)
		b.Logf("alone %.1f, observing adds %.1f %%core", alone, added[len(added)-1])
	}
	slices.Sort(added)
	b.ReportMetric(added[len(added)/2], "%core")
	b.ReportMetric(0, "ns/op")
}

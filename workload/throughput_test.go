package workload

import (
	"context"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// turns is how often a benchmark measures; the median counts.
const turns = 5

// BenchmarkThroughput compares workloads of 50 clients, every write of which is
// tracked, with redis-benchmark on the same cluster: in turns, so that both meet
// the same machine, and the median of the ratios counts.
func BenchmarkThroughput(b *testing.B) {
	if _, err := exec.LookPath("redis-benchmark"); err != nil {
		b.Skip("needs redis-benchmark: apt-get install redis-tools")
	}
	cluster := newTestCluster(b, 3)
	for _, bench := range []struct {
		name  string
		depth int
		auto  scenarios.ClientOptions
	}{
		{"plain", 1, scenarios.ClientOptions{}},
		{"autopipeline", 1, scenarios.ClientOptions{Autopipeline: true}},
		{"library_autopipeline", 1, scenarios.ClientOptions{LibraryAutopipeline: true}},
		{"pipeline=16", 16, scenarios.ClientOptions{}},
		{"pipeline=16,autopipeline", 16, scenarios.ClientOptions{Autopipeline: true}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var ratios, rates []float64
			for range turns * b.N {
				cluster.fresh(b)
				theirs := redisBenchmark(b, cluster, bench.depth)
				ours := cluster.tracked(b, scenarios.Workload{
					Name: "orders", Type: "register", Clients: 50, Keys: 1000, ValueSize: units.FixedSize(16),
					Pipeline: bench.depth, Client: bench.auto,
				})
				ratios, rates = append(ratios, ours/theirs), append(rates, ours)
			}
			b.ReportMetric(median(ratios), "x")
			b.ReportMetric(median(rates), "writes/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(figures []float64) float64 {
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// tracked runs a workload for three seconds and is how many writes a second were
// acked.
func (c *testCluster) tracked(b *testing.B, spec scenarios.Workload) float64 {
	b.Helper()
	w, err := New(spec, "run", 1, c, c.fresh(b))
	must(b, err)
	started := time.Now()
	must(b, w.Run(context.Background(), 3*time.Second))
	attempted, acked, _, _ := w.Progress()
	if attempted != acked {
		b.Fatalf("%d of %d writes acked", acked, attempted)
	}
	return float64(acked) / time.Since(started).Seconds()
}

// redisBenchmark is how many writes a second redis-benchmark makes with 50 clients.
// It looks at the clock four times a second, so it is run for about three.
func redisBenchmark(b *testing.B, c *testCluster, depth int) float64 {
	b.Helper()
	host, port, _ := net.SplitHostPort(c.addrs[0])
	run := func(writes int) float64 {
		out, err := exec.CommandContext(b.Context(), "redis-benchmark", "-h", host, "-p", port, "--cluster",
			"-c", "50", "-t", "set", "-d", "16", "-P", strconv.Itoa(depth), "-n", strconv.Itoa(writes), "--csv").Output()
		if err != nil {
			b.Fatalf("redis-benchmark: %v", err)
		}
		for line := range strings.Lines(string(out)) {
			if name, rest, _ := strings.Cut(line, ","); name == `"SET"` {
				text, _, _ := strings.Cut(rest, ",")
				rate, err := strconv.ParseFloat(strings.Trim(text, `"`), 64)
				must(b, err)
				return rate
			}
		}
		b.Fatalf("redis-benchmark said %q", out)
		return 0
	}
	return run(int(3 * run(50_000*depth)))
}

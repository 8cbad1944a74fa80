package experiment

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload"
)

// BenchmarkTLS compares how many tracked writes a second a cluster takes over TLS with how many one takes without: in
// turns, so that both meet the same machine, and the median of the ratios counts.
func BenchmarkTLS(b *testing.B) {
	secured, err := compose.MakeTLS(nil)
	if err != nil {
		b.Fatal(err)
	}
	plain, within := benchCluster(b, "plain", compose.Access{}), benchCluster(b, "tls", compose.Access{TLS: secured})
	const turns = 5
	var ratios, rates []float64
	for i := range turns * b.N {
		var with, without float64
		if i%2 == 0 { // either comes first as often
			without, with = writes(b, plain), writes(b, within)
		} else {
			with, without = writes(b, within), writes(b, plain)
		}
		ratios, rates = append(ratios, with/without), append(rates, with)
	}
	slices.Sort(ratios)
	slices.Sort(rates)
	b.ReportMetric(100*ratios[len(ratios)/2], "%plain")
	b.ReportMetric(rates[len(rates)/2], "writes/s")
	b.ReportMetric(0, "ns/op")
}

const benchMasters = 3

func benchCluster(b *testing.B, name string, access compose.Access) *local.Cluster {
	b.Helper()
	c, err := local.Deploy(b.Context(), local.Options{
		RunID: fmt.Sprintf("bench-%s-%d", name, time.Now().UnixNano()), Masters: benchMasters, Mode: local.Unprivileged,
		Dir: filepath.Join(b.TempDir(), name), Access: access,
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

// writes has a workload of 50 clients write to a cluster for three seconds, and is how many writes a second were acked.
func writes(b *testing.B, c *local.Cluster) float64 {
	b.Helper()
	spec := scenarios.Workload{Name: "orders", Type: "register", Clients: 50, Keys: 1000, ValueSize: units.FixedSize(16)}
	w, err := workload.New(spec, NewID("bench", time.Now()), 1, newTarget(c, slots.Equal(benchMasters)), record.New(record.NewClock(), io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	started := time.Now()
	if err := w.Run(b.Context(), 3*time.Second); err != nil {
		b.Fatal(err)
	}
	_, acked, _, _ := w.Progress()
	return float64(acked) / time.Since(started).Seconds()
}

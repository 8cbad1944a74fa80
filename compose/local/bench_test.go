package local

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkDeploy6 tells how long six nodes take from nothing to a formed
// cluster, and back to nothing: medians.
func BenchmarkDeploy6(b *testing.B) { benchmarkDeploy(b, 3, 1) }

// BenchmarkDeploy60 is the same for sixty nodes.
func BenchmarkDeploy60(b *testing.B) { benchmarkDeploy(b, 30, 1) }

func benchmarkDeploy(b *testing.B, masters, replicas int) {
	for _, mode := range modes() {
		b.Run(string(mode), func(b *testing.B) {
			needMode(b, mode)
			var ready, formed, removed []time.Duration
			for i := 0; b.Loop(); i++ {
				started := time.Now()
				var answered time.Time
				c, err := Deploy(b.Context(), Options{
					RunID: fmt.Sprintf("bench-local-%d-%d", masters, i), Masters: masters, Replicas: replicas, Mode: mode,
					Dir:      filepath.Join(b.TempDir(), "run"),
					Progress: func(string) { answered = time.Now() }, // the last word comes when all answer
				})
				if err != nil {
					b.Fatal(err)
				}
				ready = append(ready, answered.Sub(started))
				formed = append(formed, time.Since(started))
				started = time.Now()
				if err := c.Down(context.Background()); err != nil {
					b.Fatal(err)
				}
				removed = append(removed, time.Since(started))
			}
			b.ReportMetric(median(ready), "ready-ms")
			b.ReportMetric(median(formed), "formed-ms")
			b.ReportMetric(median(removed), "down-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}

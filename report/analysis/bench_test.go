package analysis_test

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

func BenchmarkAnalyze(b *testing.B) {
	for _, name := range []string{"all-workloads", "ten-of-thirty"} {
		s, events := sample.Recorded(b, name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				analysis.Analyze(s, events)
			}
		})
	}
}

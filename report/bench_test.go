package report_test

import (
	"errors"
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

func BenchmarkAnalyze(b *testing.B) {
	for _, name := range []string{"all-workloads", "ten-of-thirty"} {
		s, events := recorded(b, name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				report.Analyze(s, events)
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	for _, name := range []string{"all-workloads", "ten-of-thirty"} {
		s, events := recorded(b, name)
		r := report.Analyze(s, events)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := errors.Join(report.WriteJSON(io.Discard, r), report.WriteMarkdown(io.Discard, r), report.WriteHTML(io.Discard, r),
					report.WriteText(io.Discard, r, report.TextOptions{}), report.WriteJUnit(io.Discard, r))
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

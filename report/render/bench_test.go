package render_test

import (
	"errors"
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

func BenchmarkRender(b *testing.B) {
	for _, name := range []string{"all-workloads", "ten-of-thirty"} {
		s, events := sample.Recorded(b, name)
		r := prose.Describe(analysis.Analyze(s, events))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := render.Forms().Summary(page.TextOptions{})(io.Discard, r)
				for _, form := range render.Forms().Files {
					err = errors.Join(err, form.Render(io.Discard, r))
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
)

// BenchmarkSideBySide deploys and removes clusters of six nodes, four at a time, and
// tells how many could not be deployed, and how many left something that the engine
// would not remove: `make sidebyside`.
func BenchmarkSideBySide(b *testing.B) {
	e := engine(b)
	command, err := cli.Find(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	img, err := image.Ensure(b.Context(), e, DefaultDeployment(3, 1).Image, image.Options{Labels: map[string]string{RunLabel: "bench"}})
	if err != nil {
		b.Fatal(err)
	}
	var begun, failed, stuck atomic.Int64
	deployAndRemove := func() {
		d := DefaultDeployment(3, 1)
		d.RunID = fmt.Sprintf("bench-%d-%d", os.Getpid(), begun.Add(1))
		d.Prefix, d.Image = d.RunID+"-", img.Ref
		run, err := e.Register(b.Context(), d)
		if err != nil {
			b.Error(err)
			return
		}
		if _, err := run.Deploy(b.Context(), command, d, b.TempDir(), compose.PortPolicy{First: 6379}, func(string) {}); err != nil {
			failed.Add(1)
			b.Logf("%s: %v", d.RunID, err)
		}
		err = run.Remove(context.Background())
		var left *LeftError
		switch {
		case errors.As(err, &left):
			stuck.Add(1)
			b.Log(err)
		case err != nil:
			b.Error(err)
		}
	}
	b.SetParallelism(2) // times GOMAXPROCS
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			deployAndRemove()
		}
	})
	b.ReportMetric(float64(failed.Load()), "not-deployed")
	b.ReportMetric(float64(stuck.Load()), "stuck")
}

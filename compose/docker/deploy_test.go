package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
)

// engine connects to the Docker engine, or skips the test where none answers.
func engine(t testing.TB) *Engine {
	t.Helper()
	e, err := Connect(t.Context())
	if err != nil {
		t.Skipf("needs a Docker engine: %v", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// testRun is the id of a run of this test process.
func testRun(name string) string { return fmt.Sprintf("test-%d-%s", os.Getpid(), name) }

// deploy deploys a cluster for the test and removes it at its end.
func deploy(t testing.TB, e *Engine, name string, masters, replicas int) *Cluster {
	t.Helper()
	cluster, err := tryDeploy(t, e, name, masters, replicas, nil)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

func tryDeploy(t testing.TB, e *Engine, name string, masters, replicas int, config map[string][]string) (*Cluster, error) {
	t.Helper()
	d := DefaultDeployment(masters, replicas)
	d.Config = config
	return tryDeployOf(t, e, name, d)
}

func tryDeployOf(t testing.TB, e *Engine, name string, d Deployment) (*Cluster, error) {
	t.Helper()
	command, err := cli.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.RunID, d.Prefix = name, name+"-"
	run, err := e.Register(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, e, run, name) })
	img, err := image.Ensure(t.Context(), e, d.Image, image.Options{Labels: run.Labels()})
	if err != nil {
		t.Fatal(err)
	}
	d.Image = img.Ref
	dir := filepath.Join(t.TempDir(), "with:colon") // which must not part the bind mount of redis.conf
	return run.Deploy(t.Context(), command, d, dir, compose.PortPolicy{First: 6379}, func(string) {})
}

// remove removes a run and checks that nothing of it is left.
func remove(t testing.TB, e *Engine, run *Registration, name string) {
	t.Helper()
	if err := run.Remove(context.Background()); err != nil {
		t.Error(err)
	}
	runs, err := e.Runs(context.Background())
	if err != nil || slices.Contains(runs, name) {
		t.Errorf("left behind: %v, %v", runs, err)
	}
}

func TestDeployOfAServerThatRejectsItsConfiguration(t *testing.T) {
	t.Parallel()
	e := engine(t)
	_, err := tryDeploy(t, e, testRun("bad-directive"), 3, 0, map[string][]string{"maxmemory-policy": {"sometimes"}})
	if err == nil || !strings.Contains(err.Error(), "maxmemory-policy") {
		t.Errorf("the server's own words are missing: %v", err)
	}
}

// BenchmarkBootstrap tells how long joining six nodes takes once all of them
// answer PING: formed-ms is the median.
func BenchmarkBootstrap(b *testing.B) {
	e := engine(b)
	var formed []time.Duration
	for b.Loop() {
		cluster := deploy(b, e, "bench-bootstrap", 3, 1)
		formed = append(formed, cluster.formedIn)
		remove(b, e, cluster.run, "bench-bootstrap")
	}
	slices.Sort(formed)
	b.ReportMetric(float64(formed[len(formed)/2].Milliseconds()), "formed-ms")
}

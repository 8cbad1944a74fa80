package compose

import (
	"context"
	"os/exec"
	"testing"
	"time"
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

func TestDeploy(t *testing.T) {
	e := engine(t)
	c, err := FindCommand(t.Context())
	if err != nil {
		t.Skip(err)
	}
	d := DefaultDeployment(3, 1)
	d.RunID, d.Prefix, d.Image = "test-deploy", "test-deploy-", "redis:7.0"
	start := time.Now()
	cluster, err := e.Deploy(t.Context(), c, d, t.TempDir(), PortPolicy{First: 6379}, func(s string) { t.Log(time.Since(start), s) })
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
	out, err := exec.Command("redis-cli", "--cluster", "check", cluster.nodes[0].ClientAddr).CombinedOutput()
	t.Logf("%s %v", out, err)
	start = time.Now()
	if err := e.Remove(context.Background(), "test-deploy"); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
}

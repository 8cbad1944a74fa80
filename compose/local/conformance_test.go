package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/conformance"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			needMode(t, mode)
			conformance.Test(t, conformance.Runtime{Deployer: deployer{mode: mode}, Name: string(mode), Leftovers: leftovers})
		})
	}
}

// testRun is the id of a run of this test process.
func testRun(name string) string { return fmt.Sprintf("test-%d-%s", os.Getpid(), name) }

// deployForTest deploys into a folder of the test's, and removes the cluster at
// its end.
func deployForTest(t *testing.T, o Options) conformance.Cluster {
	t.Helper()
	o.Dir = filepath.Join(t.TempDir(), "run")
	c, err := Deploy(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conformance.Cluster{Cluster: c, Leftovers: func(t *testing.T) []string { return leftovers(t, o.RunID, o.Dir) }}
}

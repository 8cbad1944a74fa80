package conformance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Runtime is a runtime under test.
type Runtime struct {
	compose.Deployer
	// Name begins the names of its clusters, so that several runtimes can be tested at once.
	Name string
	// Leftovers lists what there is of a run outside this process, and in the folder that its
	// nodes used: its processes or containers, networks, folders. None once it is down.
	Leftovers func(t *testing.T, runID, dir string) []string
}

// deploy deploys a cluster for the test, and removes it at its end. No two of a runtime have the
// same name.
func (r Runtime) deploy(t *testing.T, name string, masters, replicas int, config map[string][]string) *subject {
	t.Helper()
	id, dir := fmt.Sprintf("test-%d-%s-%s", os.Getpid(), r.Name, name), filepath.Join(t.TempDir(), "run")
	d, err := r.Deploy(t.Context(), compose.Order{
		RunID: id, Masters: masters, Replicas: replicas, Config: config, Image: "redis:7-alpine", Dir: dir,
		Ports: compose.PortPolicy{First: compose.DefaultPort}, Progress: func(string) {}, Warn: func(text string) { t.Log(text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Cluster.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if d.Server.Name == "" || d.Server.Version == "" || d.Engine == "" || d.Config["cluster-enabled"] != "yes" {
		t.Errorf("it deployed %+v, of which a report would tell too little", d)
	}
	return newSubject(t, Cluster{Cluster: d.Cluster, Leftovers: func(t *testing.T) []string { return r.Leftovers(t, id, dir) }})
}

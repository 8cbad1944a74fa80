package docker_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/conformance"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
)

// Docker keeps to what every runtime must do.
func TestDockerConformance(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	command, err := docker.FindCommand(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conformance.Test(t, conformance.Runtime{
		Lacks: func(compose.Ability) string { return "" },
		Deploy: func(t *testing.T, name string, masters, replicas int, config map[string][]string) conformance.Cluster {
			t.Helper()
			d := docker.DefaultDeployment(masters, replicas)
			d.RunID = fmt.Sprintf("test-%d-%s", os.Getpid(), name)
			d.Prefix, d.Config = d.RunID+"-", config
			run, err := e.Register(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := run.Remove(context.Background()); err != nil {
					t.Error(err)
				}
			})
			img, err := image.Ensure(t.Context(), e, "redis:7-alpine", image.Options{Labels: run.Labels()})
			if err != nil {
				t.Fatal(err)
			}
			d.Image = img.Ref
			cluster, err := run.Deploy(t.Context(), command, d, t.TempDir(), docker.PortPolicy{First: 6379}, func(string) {})
			if err != nil {
				t.Fatal(err)
			}
			return conformance.Cluster{Cluster: cluster, Leftovers: func(t *testing.T) []string {
				runs, err := e.Runs(context.Background())
				if err != nil {
					t.Error(err)
				}
				if slices.Contains(runs, d.RunID) {
					return []string{"something with the label " + d.RunID}
				}
				return nil
			}}
		},
	})
}

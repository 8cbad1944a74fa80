package docker_test

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/conformance"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
)

// Docker keeps to what every runtime must do.
func TestDockerConformance(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	d, err := docker.Runtime().Prepare(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	conformance.Test(t, conformance.Runtime{Deployer: d, Name: "docker", Leftovers: func(t *testing.T, runID, _ string) []string {
		return enginetest.Left(t, e, runID)
	}})
}

package podman

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/conformance"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
)

// Podman keeps to what every runtime must do.
func TestPodmanConformance(t *testing.T) {
	t.Parallel()
	e, err := Product().Connect(t.Context())
	if err != nil {
		t.Skipf("needs a Podman service: %v", err)
	}
	defer e.Close()
	d, err := Runtime().Prepare(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	conformance.Test(t, conformance.Runtime{Deployer: d, Name: "podman", Leftovers: func(t *testing.T, runID, _ string) []string {
		return enginetest.Left(t, e, runID)
	}})
}

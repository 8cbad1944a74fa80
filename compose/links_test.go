package compose_test

import (
	"os/exec"
	"strings"
	"testing"
)

// What does not need Docker does not link it.
func TestWhoLinksDocker(t *testing.T) {
	const module = "github.com/redis-chaos/redis-chaos/"
	for _, name := range []string{"compose", "compose/local", "compose/software", "chaos", "chaos/fault", "workload", "scenarios", "report"} {
		out, err := exec.Command("go", "list", "-deps", module+name).Output()
		if err != nil {
			t.Fatalf("listing what %s links: %v", name, err)
		}
		for dependency := range strings.Lines(string(out)) {
			if dependency = strings.TrimSpace(dependency); strings.HasPrefix(dependency, "github.com/docker/") || strings.HasPrefix(dependency, module+"compose/docker") {
				t.Errorf("%s links %s", name, dependency)
			}
		}
	}
}

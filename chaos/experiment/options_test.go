package experiment

import (
	"os/exec"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// Whoever calls it from Go needs to say no more than where the artifacts go.
func TestRunWithFewOptions(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	outcome, err := Run(t.Context(), parsed(t, "name: test-options\nduration: 1s\n"), Options{Out: t.TempDir(), Runtime: RuntimeLocal})
	if err != nil || outcome.Result.Verdict != report.Pass {
		t.Errorf("%+v, %v", outcome, err)
	}
	if o := (Options{}).complete(); o.Runtime != RuntimeAuto || o.Ports.First != 6379 || o.Status == nil || o.Progress == nil || o.Warn == nil {
		t.Errorf("%+v", o)
	}
}

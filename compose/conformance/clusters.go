package conformance

import (
	"context"
	"os/exec"
	"strings"
	"testing"
)

// testFormed asks redis-cli.
func testFormed(t *testing.T, s *subject) {
	cli, err := exec.LookPath("redis-cli")
	if err != nil {
		t.Skip("needs redis-cli: apt-get install redis-tools")
	}
	for _, n := range s.Nodes() {
		out, err := exec.Command(cli, "--cluster", "check", n.ClientAddr).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "All 16384 slots covered") || strings.Contains(string(out), "[ERR]") {
			t.Errorf("redis-cli --cluster check %s: %v\n%s", n.Name, err, out)
		}
	}
}

// testSideBySide deploys a second cluster, which knows nothing of the first, and
// removes it, whatever state its nodes are in.
func testSideBySide(t *testing.T, r Runtime, first *subject) {
	second := r.deploy(t, "second", 3, 1, nil)
	first.set("redis-master-1", "of the first")
	for _, s := range []*subject{first, second} {
		v, err := s.view("redis-master-1")
		s.must(err)
		if len(v.Nodes) != 6 {
			t.Errorf("a cluster of %d nodes, want 6", len(v.Nodes))
		}
	}
	if size, err := second.client("redis-master-1").DBSize(t.Context()).Result(); err != nil || size != 0 {
		t.Errorf("the second cluster has %d keys (%v)", size, err)
	}

	if left := second.Leftovers(t); len(left) == 0 {
		t.Error("nothing of a running cluster is found, so that nothing can be told of one that is down")
	}
	second.must(second.Pause(t.Context(), "redis-master-1"))
	second.must(second.Signal(t.Context(), "redis-master-2", "SIGSTOP"))
	second.must(second.Signal(t.Context(), "redis-master-3", "SIGKILL"))
	second.must(second.Down(context.WithoutCancel(t.Context())))
	if left := second.Leftovers(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	second.must(second.Down(t.Context())) // again
	for _, n := range second.Nodes() {
		if err := second.Start(t.Context(), n.Name); err == nil {
			t.Errorf("%s could be started after the cluster was removed", n.Name)
		}
	}
	first.awaitWhole()
	first.set("redis-master-1", "of the first, still")
}

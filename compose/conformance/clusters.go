package conformance

import (
	"context"
	"testing"
)

func testSideBySide(t *testing.T, r Runtime) {
	one := newSubject(t, r.Deploy(t, "side-1", 3, 1, nil))
	two := newSubject(t, r.Deploy(t, "side-2", 3, 1, nil))
	one.set("redis-master-1", "of one")
	for _, s := range []*subject{one, two} {
		v, err := s.view("redis-master-1")
		s.must(err)
		if len(v.Nodes) != 6 {
			t.Errorf("a cluster of %d nodes, want 6", len(v.Nodes))
		}
	}
	if size, err := two.client("redis-master-1").DBSize(t.Context()).Result(); err != nil || size != 0 {
		t.Errorf("the other cluster has %d keys (%v)", size, err)
	}
	one.must(one.Down(t.Context()))
	two.awaitWhole()
	two.set("redis-master-1", "of two")
}

func testDown(t *testing.T, r Runtime) {
	s := newSubject(t, r.Deploy(t, "down", 3, 1, nil))
	if left := s.Leftovers(t); len(left) == 0 {
		t.Error("nothing of a running cluster is found, so that nothing can be told of one that is down")
	}
	// Whatever state its nodes are in.
	s.must(s.Pause(t.Context(), "redis-master-1"))
	s.must(s.Signal(t.Context(), "redis-master-2", "SIGSTOP"))
	s.must(s.Signal(t.Context(), "redis-master-3", "SIGKILL"))
	s.must(s.Down(context.WithoutCancel(t.Context())))
	if left := s.Leftovers(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	s.must(s.Down(t.Context())) // again
	for _, n := range s.Nodes() {
		if err := s.Start(t.Context(), n.Name); err == nil {
			t.Errorf("%s could be started after the cluster was removed", n.Name)
		}
	}
}

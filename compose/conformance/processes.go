package conformance

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

func testNodes(t *testing.T, s *subject) {
	names := compose.NodeNames(3, 1)
	nodes := s.Nodes()
	if len(nodes) != len(names) {
		t.Fatalf("%d nodes, want %d", len(nodes), len(names))
	}
	for i, n := range nodes {
		if n.Name != names[i] || n.Shard != i%3 || n.Replica != (i >= 3) {
			t.Errorf("node %d: %+v", i, n)
		}
		v, err := s.view(n.Name)
		s.must(err)
		me, _ := v.Myself()
		if me.ID != n.ID || me.Addr != n.Addr || me.Master == n.Replica {
			t.Errorf("%+v is in truth %+v", n, me)
		}
		if n.Replica && me.OfID != nodes[n.Shard].ID {
			t.Errorf("%s does not replicate %s", n.Name, nodes[n.Shard].Name)
		}
		if v.State != "ok" || len(v.Nodes) != len(names) {
			t.Errorf("%s: state %s, %d nodes", n.Name, v.State, len(v.Nodes))
		}
	}
	nodes[0].Name = "changed"
	if s.Nodes()[0].Name != names[0] {
		t.Error("a caller can change the runtime's nodes")
	}
}

func testDial(t *testing.T, s *subject) {
	for _, n := range s.Nodes() {
		for _, addr := range []string{n.Addr, n.Name + ":6379"} {
			c := compose.DirectClient(s, addr, answerTime)
			id, err := c.ClusterMyID(t.Context()).Result()
			c.Close()
			if err != nil || id != n.ID {
				t.Errorf("dialling %s: %q, %v; want %s", addr, id, err, n.ID)
			}
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if conn, err := s.Dial(gone, "tcp", s.Nodes()[0].Addr); err == nil {
		conn.Close()
		t.Error("dialled although the context has ended")
	}
}

func testKillAndStart(t *testing.T, s *subject) {
	const name = "redis-master-1"
	key := s.set(name, "kept")
	s.expect(name, func() {
		s.must(s.Signal(t.Context(), name, "SIGKILL"))
	}, seen(compose.Signalled), exited("137"))
	s.mustBeSilent(name)
	s.expect(name, func() {
		s.must(s.Start(t.Context(), name))
		s.must(s.Start(t.Context(), name)) // a running one is left alone
	}, seen(compose.Started))
	s.awaitAnswer(name)
	s.awaitWhole()
	c := s.client(name)
	if id, err := c.ClusterMyID(t.Context()).Result(); err != nil || id != s.node(name).ID {
		t.Errorf("the id is %q (%v), and was %q", id, err, s.node(name).ID)
	}
	if value, err := c.Get(t.Context(), key).Result(); err != nil || value != "kept" {
		t.Errorf("%s is %q (%v)", key, value, err)
	}
}

func testStop(t *testing.T, s *subject) {
	const name = "redis-replica-1"
	s.expect(name, func() {
		s.must(s.Stop(t.Context(), name, patience))
	}, exited("0"))
	s.mustBeSilent(name)
	s.must(s.Stop(t.Context(), name, patience)) // one that is down is left alone
	s.restart(name)

	// A halted server does not end when it is asked to.
	s.must(s.Signal(t.Context(), name, "SIGSTOP"))
	s.expect(name, func() {
		s.must(s.Stop(t.Context(), name, time.Second))
	}, exited("137"))
	s.restart(name)
}

func testPause(t *testing.T, s *subject) {
	const name = "redis-master-2"
	s.expect(name, func() { s.must(s.Pause(t.Context(), name)) }, seen(compose.Paused))
	s.mustBeSilent(name)
	s.expect(name, func() { s.must(s.Unpause(t.Context(), name)) }, seen(compose.Unpaused))
	s.awaitAnswer(name)
	s.must(s.Unpause(t.Context(), name)) // one that is not paused is left alone
	s.awaitWhole()
}

func testKillPaused(t *testing.T, s *subject) {
	const name = "redis-replica-2"
	s.must(s.Pause(t.Context(), name))
	s.expect(name, func() {
		s.must(s.Signal(t.Context(), name, "SIGKILL"))
	}, seen(compose.Signalled), exited("137"))
	s.restart(name)
}

func testHalt(t *testing.T, s *subject) {
	const name = "redis-replica-3"
	s.expect(name, func() {
		s.must(s.Signal(t.Context(), name, "SIGSTOP"))
		s.mustBeSilent(name)
		s.must(s.Signal(t.Context(), name, "SIGCONT"))
	}, seen(compose.Signalled), seen(compose.Signalled))
	s.awaitAnswer(name)
	if err := s.Signal(t.Context(), name, "SIGNONSENSE"); err == nil {
		t.Error("there is no SIGNONSENSE, and no error")
	}
	s.awaitWhole()
}

func testDownNode(t *testing.T, s *subject) {
	const name = "redis-replica-3"
	s.must(s.Stop(t.Context(), name, patience))
	if err := s.Signal(t.Context(), name, "SIGTERM"); err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("signalling it: %v", err)
	}
	if err := s.Pause(t.Context(), name); err == nil {
		t.Error("pausing it: no error")
	}
	s.looks(name, compose.Condition{})
	s.restart(name)
}

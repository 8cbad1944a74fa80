package conformance

import (
	"fmt"
	"testing"
)

// testPID has a node's server end and start again, each time as another process.
func testPID(t *testing.T, s *subject) {
	const name = "redis-replica-1"
	pid := func() int {
		t.Helper()
		pid, err := s.PID(t.Context(), name)
		s.must(err)
		return pid
	}
	first := pid()
	if first == 0 {
		t.Fatal("a server that runs has no process")
	}
	s.must(s.Stop(t.Context(), name, patience))
	s.eventually("a server that has ended has no process", func() error {
		if now := pid(); now != 0 {
			return fmt.Errorf("it is %d", now)
		}
		return nil
	})
	s.restart(name)
	if again := pid(); again == 0 || again == first {
		t.Errorf("the next server is process %d, after %d", again, first)
	}
}

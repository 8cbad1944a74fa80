package conformance

import (
	"sync"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// sightings collects what a runtime's watch tells.
type sightings struct {
	mu  sync.Mutex
	all []compose.Happening
}

// watch collects until the end of the test. A second watcher never looks, which
// must not bother anybody.
func watch(t *testing.T, r compose.Cluster) *sightings {
	t.Helper()
	happenings, err := r.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &sightings{}
	var collecting sync.WaitGroup
	collecting.Go(func() {
		for h := range happenings {
			s.mu.Lock()
			s.all = append(s.all, h)
			s.mu.Unlock()
		}
	})
	t.Cleanup(collecting.Wait) // the test's context has ended by then
	return s
}

// of is what happened to a node, from the n-th on.
func (s *sightings) of(node string, n int) []compose.Happening {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []compose.Happening
	for _, h := range s.all {
		if h.Node == node {
			own = append(own, h)
		}
	}
	return own[min(n, len(own)):]
}

// seen is a happening to expect.
func seen(a compose.Action) compose.Happening { return compose.Happening{Action: a} }

// exited is a death with an exit status.
func exited(status string) compose.Happening {
	return compose.Happening{Action: compose.Died, Exit: status}
}

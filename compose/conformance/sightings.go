package conformance

import (
	"fmt"
	"slices"
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

// expect runs f, waits until the node's happenings since hold the wanted ones in
// this order, maybe with others in between, and returns those.
func (s *subject) expect(node string, f func(), wanted ...compose.Happening) []compose.Happening {
	s.t.Helper()
	before := len(s.seen.of(node, 0))
	f()
	var found []compose.Happening
	s.eventually("the happenings of "+node, func() error {
		found = nil
		happened := s.seen.of(node, before)
		for _, h := range happened {
			if len(found) < len(wanted) && h.Action == wanted[len(found)].Action && h.Network == wanted[len(found)].Network {
				found = append(found, h)
			}
		}
		if len(found) < len(wanted) {
			return fmt.Errorf("want %v, have %v", wanted, happened)
		}
		return nil
	})
	if !slices.IsSortedFunc(found, func(a, b compose.Happening) int { return a.Time.Compare(b.Time) }) {
		s.t.Errorf("the times are not in order: %v", found)
	}
	for i, w := range wanted {
		if w.Exit != "" && found[i].Exit != w.Exit {
			s.t.Errorf("%s: exit status %q, want %q", found[i].Action, found[i].Exit, w.Exit)
		}
	}
	return found
}

// seen is a happening to expect.
func seen(a compose.Action) compose.Happening { return compose.Happening{Action: a} }

// exited is a death with an exit status.
func exited(status string) compose.Happening {
	return compose.Happening{Action: compose.Died, Exit: status}
}

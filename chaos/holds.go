package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// ContradictionError is the error of a fault on a node of which another one that is in force holds the same.
type ContradictionError struct {
	Node, What string
	// By is the step that holds it, with its Kind.
	By   int
	Kind string
}

func (e *ContradictionError) Error() string {
	return fmt.Sprintf("it contradicts faults[%d] (%s), which is in force and has the %s of %s; let that end first, or pick another node", e.By, e.Kind, e.What, e.Node)
}

// holds is what faults in force hold of nodes.
type holds struct {
	mu sync.Mutex
	by map[held]*holder
}

// held is something of a node.
type held struct{ node, what string }

// holder is a step that holds something.
type holder struct {
	index int
	kind  string
	// planned is when it is to be over, by the time that it was asked for; it may take hold, and so end, later.
	planned time.Time
	over    chan struct{} // closed when it has been healed
}

// slack is how much earlier than it is planned to be over a fault counts as over: both moments are of one timeline.
const slack = 20 * time.Millisecond

// take has a step hold something of nodes for a time, until it is released. It waits for steps that are to be over by
// now; that another one holds something is a *ContradictionError.
func (h *holds) take(ctx context.Context, index int, f scenarios.Fault, nodes []string, lasts time.Duration) (release func(), err error) {
	var all []held
	for _, node := range nodes {
		for _, what := range scenarios.HeldBy(f.Spec) {
			all = append(all, held{node, what})
		}
	}
	own := &holder{index: index, kind: f.Kind, planned: time.Now().Add(lasts), over: make(chan struct{})}
	for {
		before, contradiction := h.try(own, all)
		switch {
		case before == nil:
			return func() { h.release(own, all) }, nil
		case time.Until(before.planned) > slack:
			return nil, contradiction
		}
		select {
		case <-before.over:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try takes all of it, or says who holds some.
func (h *holds) try(own *holder, all []held) (*holder, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range all {
		if other := h.by[one]; other != nil {
			return other, &ContradictionError{Node: one.node, What: one.what, By: other.index, Kind: other.kind}
		}
	}
	if h.by == nil {
		h.by = map[held]*holder{}
	}
	for _, one := range all {
		h.by[one] = own
	}
	return nil, nil
}

func (h *holds) release(own *holder, all []held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range all {
		delete(h.by, one)
	}
	close(own.over)
}

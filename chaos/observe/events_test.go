package observe

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// A runtime that stops telling before the end of the run is noted; one that is told to
// stop is not.
func TestAnEndOfHappeningsIsNoted(t *testing.T) {
	for name, over := range map[string]bool{"in the middle": false, "at the end": true} {
		rec := record.New(record.NewClock(), io.Discard)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if over {
			cancel()
		}
		happenings := make(chan compose.Happening)
		close(happenings)
		newEvents(rec, clock{}, nil).run(ctx, happenings)
		noted := false
		for _, e := range rec.Events() {
			n, ok := e.Data.(*record.Note)
			noted = noted || ok && strings.HasPrefix(n.Text, "The runtime stopped telling what happens to the nodes ")
		}
		if noted == over {
			t.Errorf("%s: noted: %v", name, noted)
		}
	}
}

// The cluster is gone once every node was removed, and not before; what is no node of it
// does not count.
func TestTheLastNodeRemoved(t *testing.T) {
	rec := record.New(record.NewClock(), io.Discard)
	w := newEvents(rec, clock{rec: rec}, []compose.Node{{Name: "a"}, {Name: "b"}})
	isGone := func() bool {
		select {
		case <-w.gone:
			return true
		default:
			return false
		}
	}
	for _, step := range []struct {
		node   string
		action compose.Action
		gone   bool
	}{{"a", compose.Died, false}, {"a", compose.Removed, false}, {"a", compose.Removed, false}, {"c", compose.Removed, false}, {"b", compose.Removed, true}, {"b", compose.Removed, true}} {
		happenings := make(chan compose.Happening, 1)
		happenings <- compose.Happening{Node: step.node, Action: step.action}
		close(happenings)
		w.run(t.Context(), happenings)
		if isGone() != step.gone {
			t.Errorf("after %s of %s: gone: %v", step.action, step.node, isGone())
		}
	}
}

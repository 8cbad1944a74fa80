package observe

import (
	"context"
	"fmt"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Events records what the runtime sees happening, and lets a fault wait for
// the sign that it took hold.
type Events struct {
	rec   *record.Record
	clock clock

	// there is the nodes that nobody has removed, and gone is closed when there is none left.
	there map[string]bool
	gone  chan struct{}

	mu   sync.Mutex
	seen []compose.Happening
	more chan struct{} // closed and replaced when seen grows
}

// Gone is closed when somebody has removed the last node.
func (w *Events) Gone() <-chan struct{} { return w.gone }

func newEvents(rec *record.Record, clock clock, nodes []compose.Node) *Events {
	w := &Events{rec: rec, clock: clock, there: map[string]bool{}, gone: make(chan struct{}), more: make(chan struct{})}
	for _, n := range nodes {
		w.there[n.Name] = true
	}
	return w
}

// run takes in happenings until the channel is closed. That it is closed before ctx has
// ended is noted: the runtime tells nothing more.
func (w *Events) run(ctx context.Context, happenings <-chan compose.Happening) {
	for h := range happenings {
		w.rec.AddAt(w.clock.at(h.Time), &record.NodeEvent{
			Node: h.Node, Action: recorded()[h.Action], Network: string(h.Network), Exit: h.Exit,
		})
		if h.Action == compose.Removed && w.there[h.Node] {
			delete(w.there, h.Node)
			if len(w.there) == 0 {
				close(w.gone)
			}
		}
		w.mu.Lock()
		w.seen = append(w.seen, h)
		close(w.more)
		w.more = make(chan struct{})
		w.mu.Unlock()
	}
	if ctx.Err() == nil {
		w.rec.Add(&record.Note{Text: fmt.Sprintf("The runtime stopped telling what happens to the nodes %.1f s after the start: what it would have told later, such as when faults took hold and were healed, is not measured.",
			w.rec.Now()/1000)})
	}
}

// Mark is a place in what has been seen.
func (w *Events) Mark() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// Await waits until something happens to a node, on a network if it is one that has to do with that,
// seen after mark, and tells its time on the run's clock in ms.
func (w *Events) Await(ctx context.Context, mark int, node string, action compose.Action, network compose.Network) (record.Millis, error) {
	for {
		w.mu.Lock()
		for _, h := range w.seen[mark:] {
			if h.Node == node && h.Action == action && h.Network == network {
				w.mu.Unlock()
				return w.clock.at(h.Time), nil
			}
		}
		mark = len(w.seen)
		more := w.more
		w.mu.Unlock()
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-more:
		}
	}
}

// recorded are what happens to nodes, in the words of the record.
func recorded() map[compose.Action]record.NodeAction {
	return map[compose.Action]record.NodeAction{
		compose.Died: record.NodeDied, compose.Started: record.NodeStarted, compose.Paused: record.NodePaused, compose.Unpaused: record.NodeUnpaused,
		compose.Signalled: record.NodeSignalled, compose.OutOfMemory: record.NodeOutOfMemory, compose.Removed: record.NodeRemoved,
		compose.Disconnected: record.NodeDisconnected, compose.Connected: record.NodeConnected, compose.Healthy: record.NodeHealthy, compose.Unhealthy: record.NodeUnhealthy,
	}
}

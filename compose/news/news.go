// Package news passes on what a runtime sees happening to nodes.
package news

import (
	"context"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
)

// News passes happenings on to every watcher. It never waits for one: each has
// a queue of its own, as long as it needs to be.
type News struct {
	mu          sync.Mutex
	subscribers map[*subscriber]bool
}

// New has no watchers yet.
func New() *News { return &News{subscribers: map[*subscriber]bool{}} }

// Publish tells every watcher.
func (n *News) Publish(h compose.Happening) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.subscribers {
		w.queue = append(w.queue, h)
		select {
		case w.more <- struct{}{}:
		default: // it has been told already
		}
	}
}

// Watch passes on what is published from now on until ctx ends, and then closes
// the channel.
func (n *News) Watch(ctx context.Context) <-chan compose.Happening {
	w := &subscriber{more: make(chan struct{}, 1), out: make(chan compose.Happening)}
	n.mu.Lock()
	n.subscribers[w] = true
	n.mu.Unlock()
	go func() {
		defer close(w.out)
		n.feed(ctx, w)
		n.mu.Lock()
		delete(n.subscribers, w)
		n.mu.Unlock()
	}()
	return w.out
}

// subscriber is one call of Watch. Its queue is guarded by News.mu.
type subscriber struct {
	queue []compose.Happening
	more  chan struct{}
	out   chan compose.Happening
}

func (n *News) feed(ctx context.Context, w *subscriber) {
	for {
		n.mu.Lock()
		waiting := w.queue
		w.queue = nil
		n.mu.Unlock()
		for _, h := range waiting {
			select {
			case w.out <- h:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-w.more:
		case <-ctx.Done():
			return
		}
	}
}

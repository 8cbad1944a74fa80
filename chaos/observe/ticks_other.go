//go:build !linux

package observe

import (
	"sync"
	"time"
)

// ticks wakes one goroutine at a fixed pace.
type ticks struct {
	ticker *time.Ticker
	closed chan struct{}
	once   sync.Once
}

func newTicks(pace time.Duration) (*ticks, error) {
	return &ticks{ticker: time.NewTicker(pace), closed: make(chan struct{})}, nil
}

// wait waits for the next tick, or for close.
func (t *ticks) wait() {
	select {
	case <-t.ticker.C:
	case <-t.closed:
	}
}

func (t *ticks) close() {
	t.once.Do(func() {
		t.ticker.Stop()
		close(t.closed)
	})
}

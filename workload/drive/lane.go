package drive

import "sync"

// lane is the writes of all clients to one shard. Those that are ready at the same
// time travel in one pipeline of the client library, so that neither this program
// nor the server makes a system call for each. A shard that does not answer holds
// up nobody but those who wait for it.
type lane struct {
	mu     sync.Mutex
	filled sync.Cond
	ready  []*flight
	closed bool
}

// put adds writes, which end in any order.
func (l *lane) put(flights ...*flight) {
	l.mu.Lock()
	l.ready = append(l.ready, flights...)
	l.mu.Unlock()
	l.filled.Signal()
}

// take waits for writes and takes as many as go into a pipeline; none if the lane
// is closed.
func (l *lane) take(into []*flight) []*flight {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.ready) == 0 {
		if l.closed {
			return nil
		}
		l.filled.Wait()
	}
	n := min(len(l.ready), lanePipeline)
	into = append(into[:0], l.ready[:n]...)
	l.ready = l.ready[:copy(l.ready, l.ready[n:])]
	return into
}

const (
	// laneSenders is how many pipelines of a lane are under way at once: while the
	// answers to one are awaited, the next is sent.
	laneSenders = 2
	// lanePipeline bounds how many writes travel in one pipeline.
	lanePipeline = 512
)

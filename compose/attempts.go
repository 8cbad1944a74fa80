package compose

import (
	"context"
	"time"
)

// Attempts is what attempts to connect to a node have in common of which several are under way at once.
type Attempts struct {
	// Connect is how long each may take until it is connected; the context bounds what is said then as well.
	Connect time.Duration
	// Turns is how many of them may be let in at once, by its capacity: a TLS handshake costs the node a millisecond of
	// its one thread, and one that nobody waits for any more as much.
	Turns chan struct{}
}

type attemptsKey struct{}

// Within has what is dialled with a context be one of some attempts.
func (a Attempts) Within(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptsKey{}, a)
}

// attemptsOf is what something is dialled among; the zero value if that is alone.
func attemptsOf(ctx context.Context) Attempts {
	a, _ := ctx.Value(attemptsKey{}).(Attempts)
	return a
}

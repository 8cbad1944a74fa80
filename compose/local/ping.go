package local

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// pingTimeout bounds the wait for a server that runs to answer.
const pingTimeout = 30 * time.Second

// awaitPing waits until a node answers. A server that ended in the meantime is an
// error that carries its last words.
func awaitPing(ctx context.Context, servers compose.Servers, n *node) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	for {
		err := ping(ctx, servers, n.name)
		if err == nil || compose.RefusedBy(err) != "" {
			return err
		}
		if err := n.check(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer to PING within %s: %w", pingTimeout, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ping wants an answer, without a client that would complain of the servers that
// don't answer yet.
func ping(ctx context.Context, servers compose.Servers, name string) error {
	const patience = time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := compose.DialInline(ctx, servers, fmt.Sprintf("%s:%d", name, redisPort))
	if err != nil {
		return err
	}
	defer conn.Close()
	answer, err := conn.Ask("PING")
	if err != nil {
		return err
	}
	if refused, ok := strings.CutPrefix(answer, "-"); ok {
		return compose.Answer(refused)
	}
	if answer != "+PONG" {
		return fmt.Errorf("it answered %q", answer)
	}
	return nil
}

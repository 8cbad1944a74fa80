package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// patience is how long a server may take for each of its answers.
const patience = 3 * time.Second

// answer is what came of asking a candidate.
type answer struct {
	at Candidate
	// err is why it is not known what it is.
	err    error
	server view.Server
	// id and view are those of a server in cluster mode.
	id   string
	view view.View
}

// Modes of servers, as they call them.
const (
	clusterMode  = "cluster"
	sentinelMode = "sentinel"
)

func (s Survey) askAll(ctx context.Context, candidates []Candidate) []answer {
	answers := make([]answer, len(candidates))
	compose.AtOnce(len(candidates), func(i int) error {
		answers[i] = s.ask(ctx, candidates[i])
		return nil
	})
	return answers
}

func (s Survey) ask(ctx context.Context, at Candidate) answer {
	a := answer{at: at}
	c := Client(at, s.Access)
	defer c.Close()
	command := view.ServerCommand()
	text, err := c.Do(ctx, command[0], command[1]).Text()
	if err != nil {
		a.err = explain(err)
		return a
	}
	if a.server = view.ParseServer(text); a.server.Mode != clusterMode {
		return a
	}
	if a.id, err = c.Do(ctx, "CLUSTER", "MYID").Text(); err == nil {
		a.view, err = view.Fetch(ctx, c)
	}
	if err != nil {
		a.err = explain(err)
	}
	return a
}

// explain says what it means that a server did not answer as one does.
func explain(err error) error {
	var answered redis.Error
	var failed net.Error
	switch {
	case compose.RefusedBy(err) == "user":
		return fmt.Errorf("it refuses the access that the scenario gives: %w", err)
	case errors.As(err, &answered), errors.As(err, &failed):
		return err
	}
	return fmt.Errorf("it does not answer as a server of Redis does: %w", err)
}

// lone is a single server as compose dials nodes.
type lone struct {
	at     Candidate
	access compose.Access
}

// Nodes implements compose.Servers.
func (lone) Nodes() []compose.Node { return nil }

// Dial implements compose.Servers.
func (l lone) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return l.access.Dial(ctx, l.at.By, network, l.at.Addr)
}

package discover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// patience is how long a server may take for each of its answers.
const patience = 3 * time.Second

// rebuffPatience is how long one may take to refuse a connection by itself.
const rebuffPatience = 300 * time.Millisecond

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
		a.err = s.explain(ctx, at, s.Access.Explain(err))
		return a
	}
	if a.server = view.ParseServer(text); a.server.Mode != clusterMode {
		return a
	}
	if a.id, err = c.Do(ctx, "CLUSTER", "MYID").Text(); err == nil {
		a.view, err = view.Fetch(ctx, c)
	}
	if err != nil {
		a.err = s.explain(ctx, at, s.Access.Explain(err))
	}
	return a
}

// explain says what it means that a server did not answer as one does.
func (s Survey) explain(ctx context.Context, at Candidate, err error) error {
	var answered redis.Error
	switch {
	case compose.RefusedBy(err) == "user":
		return fmt.Errorf("it refuses the access that the scenario gives: %w", err)
	case errors.As(err, &answered), errors.Is(err, syscall.ECONNREFUSED):
		return err
	}
	if text := s.rebuff(ctx, at); text != "" {
		return compose.Answer(text)
	}
	var failed net.Error
	if errors.As(err, &failed) {
		return err
	}
	return fmt.Errorf("it does not answer as a server of Redis does: %w", err)
}

// rebuff is what a server says to a connection before it hears anything, and closes it: that it is in protected mode,
// or has too many clients. "" is nothing.
func (s Survey) rebuff(ctx context.Context, at Candidate) string {
	if s.Access.TLS != nil {
		return ""
	}
	const most = 512
	conn, err := at.By.Dial(ctx, "tcp", at.Addr, patience)
	if err != nil {
		return ""
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(rebuffPatience)); err != nil {
		return ""
	}
	line, err := bufio.NewReader(io.LimitReader(conn, most)).ReadString('\n')
	text, refuses := strings.CutPrefix(strings.TrimSpace(line), "-")
	switch {
	case !refuses || err != nil && line == "":
		return ""
	case strings.HasPrefix(text, "DENIED"):
		return "DENIED: it is in protected mode, and takes connections from its own machine alone; set requirepass, or protected-mode no"
	}
	return text
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

package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// ExhaustClients takes all connections that the server has to give (maxclients): whoever comes next
// is refused. Healing closes them.
type ExhaustClients struct {
	chaos.Selector `yaml:",inline"`
	// Most is how many are made at most.
	Most int `yaml:"most"`

	held *held // of one target
}

// held is the connections to a node that are open.
type held struct {
	mu    sync.Mutex
	conns []*compose.Inline
}

func (kinds) ExhaustClients() chaos.Fault { return &ExhaustClients{Most: 10_000} }

var (
	_ chaos.Preparing = (*ExhaustClients)(nil)
	_ chaos.Sustained = (*ExhaustClients)(nil)
)

// Check implements scenarios.FaultSpec.
func (e *ExhaustClients) Check(c scenarios.Cluster) error {
	if err := e.Selector.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("most", e.Most, 1, 60_000, "")
}

// Detail implements chaos.Detailed.
func (e *ExhaustClients) Detail() string { return fmt.Sprintf("at most %d connections", e.Most) }

// Holds implements scenarios.Holding.
func (e *ExhaustClients) Holds() []string { return []string{"connections"} }

// Past implements chaos.Affecting.
func (e *ExhaustClients) Past() string { return "left without connections to give" }

// Effects implements chaos.Affecting.
func (e *ExhaustClients) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Prepare implements chaos.Preparing.
func (e *ExhaustClients) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &ExhaustClients{Selector: e.Selector, Most: e.Most, held: &held{}}, nil
}

// Inject implements chaos.Fault: it is done when the server refuses one.
func (e *ExhaustClients) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	refused, err := e.held.take(ctx, c, node, e.Most)
	switch {
	case err != nil && len(e.held.conns) == 0:
		return err
	case err != nil:
		return fmt.Errorf("after %d connections to %s: %w", len(e.held.conns), node, err)
	case !refused && ctx.Err() == nil:
		return fmt.Errorf("%s gives more than %d connections; write more for most, or have cluster.config set maxclients to less", node, e.Most)
	}
	return nil
}

// take makes connections until one is refused, or there are most of them.
func (h *held) take(ctx context.Context, c chaos.Cluster, node string, most int) (refused bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.conns) < most {
		conn, err := connect(ctx, c, node)
		if err != nil {
			var answer compose.Answer
			full := errors.As(err, &answer) && strings.Contains(answer.Error(), "max number of clients")
			if full {
				return true, nil
			}
			return false, err
		}
		h.conns = append(h.conns, conn)
	}
	return false, nil
}

// connectPatience is how long a server may take to let one in.
const connectPatience = 5 * time.Second

// connect is a connection that the server has let in.
func connect(ctx context.Context, c chaos.Cluster, node string) (*compose.Inline, error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	conn, err := compose.DialInline(ctx, c, compose.Address(c, node))
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", node, err)
	}
	answer, err := conn.Ask("PING")
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("asking %s: %w", node, err)
	}
	if refused, ok := strings.CutPrefix(answer, "-"); ok {
		conn.Close()
		return nil, compose.Answer(refused)
	}
	return conn, nil
}

// Sustain implements chaos.Sustained: what somebody else gives back is taken, too.
func (e *ExhaustClients) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			_, _ = e.held.take(ctx, c, node, e.Most) // the server may have ended meanwhile
		}
	}
}

// Memory implements chaos.Remembering: connections end with the process that holds them.
func (e *ExhaustClients) Memory() any { return nil }

// Heal implements chaos.Fault.
func (e *ExhaustClients) Heal(context.Context, chaos.Cluster, string) error {
	if e.held == nil { // they were another process's
		return nil
	}
	e.held.mu.Lock()
	defer e.held.mu.Unlock()
	for _, conn := range e.held.conns {
		conn.Close()
	}
	e.held.conns = nil
	return nil
}

package resource

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

// server is the process of a node's server that something is done to, and then each that takes its place.
type server struct {
	mu   sync.Mutex
	pid  int
	undo undo
}

// undo undoes what was done to a process. One that does not live any more has taken that along, and its id may be
// somebody else's.
type undo func(lives bool) error

// inject does something to the process.
func (s *server) inject(ctx context.Context, c chaos.Cluster, node string, do func(pid int) (undo, error)) error {
	pid, err := c.PID(ctx, node)
	switch {
	case err != nil:
		return err
	case pid == 0:
		return fmt.Errorf("%s has no server that runs", node)
	}
	return s.change(pid, do)
}

// change does it to a process, and ends what is left of it for the one before.
func (s *server) change(pid int, do func(pid int) (undo, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid == pid {
		return nil
	}
	if s.undo != nil {
		if err := s.undo(false); err != nil {
			return err
		}
		s.undo = nil
	}
	undo, err := do(pid)
	if err == nil {
		s.pid, s.undo = pid, undo
	}
	return err
}

// anew is the time between two looks at whether a node has another server.
const anew = 100 * time.Millisecond

// sustain does it to those that take its place.
func (s *server) sustain(ctx context.Context, c chaos.Cluster, node string, do func(pid int) (undo, error)) error {
	return s.each(ctx, c, node, func(pid int) error { return s.change(pid, do) })
}

// each calls f with the process of the node's server, again and again until ctx ends. That it fails is an error if the
// process has not ended.
func (s *server) each(ctx context.Context, c chaos.Cluster, node string, f func(pid int) error) error {
	for alarm.Sleep(ctx, anew) {
		pid, err := c.PID(ctx, node)
		if err != nil || pid == 0 {
			continue // it is down
		}
		err = f(pid)
		if now, gone := c.PID(ctx, node); err != nil && gone == nil && now == pid && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// heal undoes it.
func (s *server) heal(ctx context.Context, c chaos.Cluster, node string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.undo == nil {
		return nil
	}
	pid, err := c.PID(ctx, node)
	if err != nil {
		return err
	}
	if err := s.undo(pid == s.pid); err != nil {
		return err
	}
	s.pid, s.undo = 0, nil
	return nil
}

// revive has a node have a server, which may have ended, or be about to.
func revive(ctx context.Context, c chaos.Cluster, node string) error {
	for {
		if err := c.Start(ctx, node); err != nil {
			return err
		}
		client := compose.DirectClient(c, compose.Address(c, node), connectPatience)
		err := client.Ping(ctx).Err()
		client.Close()
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
		if !alarm.Sleep(ctx, anew) {
			return fmt.Errorf("starting %s: %w", node, err)
		}
	}
}

package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
)

// Condition implements compose.Conditions.
func (c *Cluster) Condition(_ context.Context, name string) (seen compose.Condition, err error) {
	err = c.do("look at", name, func(n *node) error {
		seen, err = n.condition()
		return err
	})
	return seen, err
}

// Shapes implements compose.Conditions.
func (c *Cluster) Shapes(ctx context.Context, name string) (names []string, err error) {
	err = c.do("see what becomes of the packets of", name, func(n *node) error {
		if n.net == nil {
			return nil // what cannot be had does not stand
		}
		names, err = n.shaping.Names(ctx, n.traffic)
		return err
	})
	return names, err
}

func (n *node) condition() (compose.Condition, error) {
	var c compose.Condition
	n.limiting.Lock()
	if n.limit != nil {
		c.CPU = n.limit.Share()
	}
	n.limiting.Unlock()
	s, err := n.running()
	if err != nil && !errors.Is(err, process.ErrEnded) {
		return c, fmt.Errorf("%w: %w", compose.ErrVanished, err)
	}
	if err == nil {
		c.Running, c.Paused = true, s.Frozen()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c.Off = append(c.Off, n.off...)
	return c, nil
}

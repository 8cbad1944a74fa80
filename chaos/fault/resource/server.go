package resource

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

// running is the process of a node's server, which has to run.
func running(ctx context.Context, c chaos.Cluster, node string) (int, error) {
	pid, err := c.PID(ctx, node)
	if err == nil && pid == 0 {
		err = fmt.Errorf("%s has no server that runs", node)
	}
	return pid, err
}

// anew is the time between two looks at whether a node has another server.
const anew = 100 * time.Millisecond

// each calls f with the process of the node's server, again and again until ctx ends; fresh is one that has
// taken the place of another since. That f fails is an error if the process has not ended.
func each(ctx context.Context, c chaos.Cluster, node string, f func(pid int, fresh bool) error) error {
	before, err := c.PID(ctx, node)
	if err != nil {
		before = 0 // whichever comes is another one
	}
	for alarm.Sleep(ctx, anew) {
		pid, err := c.PID(ctx, node)
		if err != nil || pid == 0 {
			continue // it is down
		}
		err = f(pid, pid != before)
		now, gone := c.PID(ctx, node)
		switch {
		case err == nil:
			before = pid
		case gone == nil && now == pid && ctx.Err() == nil:
			return err
		}
	}
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

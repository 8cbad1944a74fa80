package compose

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// awaitFormed waits until every node sees the whole topology as planned, in
// state ok, and every master has its replicas online.
func (j *joiner) awaitFormed(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		return poll(ctx, func() error {
			v, err := view.Fetch(ctx, c)
			if err != nil {
				return err
			}
			return j.formed(i, v)
		})
	})
}

// formed tells what is missing in the view of node i.
func (j *joiner) formed(i int, v view.View) error {
	if v.State != "ok" || v.SlotsAssigned != slots.Count {
		return fmt.Errorf("cluster_state is %s, with %d slots assigned", v.State, v.SlotsAssigned)
	}
	if len(v.Nodes) != len(j.nodes) {
		return fmt.Errorf("sees %d nodes instead of %d", len(v.Nodes), len(j.nodes))
	}
	byID := map[string]view.Node{}
	for _, n := range v.Nodes {
		byID[n.ID] = n
	}
	for _, n := range j.nodes {
		seen, ok := byID[n.ID]
		switch {
		case !ok || seen.Flag != "ok":
			return fmt.Errorf("does not see %s", n.Name)
		case seen.Master == n.Replica:
			return fmt.Errorf("sees %s in the wrong role", n.Name)
		case n.Replica && seen.OfID != j.nodes[n.Shard].ID:
			return fmt.Errorf("sees %s with the wrong master", n.Name)
		}
	}
	if j.nodes[i].Replica {
		if !v.Replication.LinkUp {
			return errors.New("has no link to its master")
		}
		return nil
	}
	online := 0
	for _, r := range v.Replication.Replicas {
		if r.Online {
			online++
		}
	}
	if want := len(j.nodes)/j.masters - 1; online != want {
		return fmt.Errorf("has %d of %d replicas online", online, want)
	}
	return nil
}

// poll calls f until it succeeds or ctx ends, and then tells f's last error.
func poll(ctx context.Context, f func() error) error {
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %v", ctx.Err(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

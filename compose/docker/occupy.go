package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Occupy implements compose.Standing. The journal keeps this user's other processes off, and the lifeline those of
// others. Its entry has no Owner, so that what is swept of a process that was killed is the entry alone.
func (h containerHost) Occupy(ctx context.Context, runID string, warn func(string)) (_ *compose.Deployed, err error) {
	nodes, err := h.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", RunLabel+"="+runID), filters.Arg("label", NodeLabel))})
	if err != nil {
		return nil, fmt.Errorf("listing containers: %w", err)
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("no cluster %q is up", runID)
	}
	r := &Registration{Warn: warn, engine: h.Engine}
	holder := rand.Text()
	if r.entry, err = h.claim(ctx, runID, func() (marks, error) { return marks{Engine: h.DaemonHost(), Holder: holder}, nil }); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Keep())
		}
	}()
	image := nodes[0].Image
	if err := h.removeDeadLifelines(ctx, runID); err != nil {
		return nil, err
	}
	if err := r.holdAs(ctx, image, marks{Owner: holder}.labels(runID)); err != nil {
		return nil, err
	}
	cluster, err := h.Engine.Attach(ctx, runID)
	if err != nil {
		return nil, err
	}
	return &compose.Deployed{
		Cluster: cluster,
		Server:  compose.Server{Image: image},
		Engine:  fmt.Sprintf("%s %s", h.product.Title, h.Version),
		Keep:    r.Keep,
	}, nil
}

// claim has the journal know that a cluster that goes on is this process's for a while. What one that was killed has
// started of a project of the user's is removed before made is asked.
func (e *Engine) claim(ctx context.Context, runID string, made func() (marks, error)) (*journal.Entry[marks], error) {
	j, err := e.journal(ctx)
	if err != nil {
		return nil, err
	}
	stale, err := j.Claim(runID)
	switch {
	case err != nil:
		return nil, err
	case stale == nil:
	case stale.Made.Owner != "":
		stale.Release()
		return nil, &journal.StaleError{RunID: runID}
	default: // a process was killed while it had the cluster
		if err := e.removeStarted(ctx, stale.Made.Started); err != nil {
			stale.Release()
			return nil, err
		}
		if err := stale.Unregister(); err != nil {
			return nil, err
		}
	}
	return j.Register(runID, func([]journal.Item[marks]) (marks, error) {
		return made()
	})
}

// lifelineEnd is how long the lifeline of a process that was killed may take to end, on a busy machine.
const lifelineEnd = 5 * time.Second

// removeDeadLifelines removes those of processes that were killed while they had a cluster, which end a moment after
// these. One that goes on is held.
func (e *Engine) removeDeadLifelines(ctx context.Context, runID string) error {
	for deadline := time.Now().Add(lifelineEnd); ; {
		lines, err := e.containers(ctx, labelArgs(map[string]string{RunLabel: runID, LifelineLabel: lifelineHeld}))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(lines, part.holds) {
			return errors.Join(e.removeParts(ctx, lines)...)
		}
		if time.Now().After(deadline) {
			return &journal.InProgressError{RunID: runID}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

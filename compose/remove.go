package compose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// Runs lists the run ids that own something in the engine, sorted.
func (e *Engine) Runs(ctx context.Context) ([]string, error) {
	parts, err := e.labelled(ctx, filters.NewArgs(filters.Arg("label", RunLabel)))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, labels := range parts.labels {
		ids = append(ids, labels[RunLabel])
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// removeLabelled removes every container, network and volume of a run that has
// all of the labels. It looks again until nothing is left, because the engine may
// still have been creating some; settle is how long to wait before the last look.
func (e *Engine) removeLabelled(ctx context.Context, runID string, labels map[string]string, settle time.Duration) error {
	for clean, stuck := 0, 0; clean < 2; {
		parts, err := e.labelled(ctx, labelArgs(labels))
		if err != nil {
			return err
		}
		if len(parts.labels) == 0 {
			if clean++; clean == 1 {
				time.Sleep(settle)
			}
			continue
		}
		clean = 0
		err = e.removeParts(ctx, parts)
		if ctx.Err() != nil {
			return fmt.Errorf("removing run %s: %w: %w; `chaos down %s` tries again", runID, ctx.Err(), err, runID)
		}
		if onlyNetworks := len(parts.containers)+len(parts.volumes) == 0; err != nil && onlyNetworks {
			if stuck++; stuck == stuckNetworks {
				return fmt.Errorf("the engine will not remove an empty network of run %s (%w); restarting the engine corrects its count, then `chaos down %s` removes the network", runID, err, runID)
			}
		}
		if err != nil {
			// Containers that are being removed hold networks and volumes for a moment.
			time.Sleep(100 * time.Millisecond)
		}
	}
	return nil
}

// stuckNetworks is how often the removal of networks may fail after everything
// that was on them is gone.
const stuckNetworks = 20

// parts is what a run has in the engine.
type parts struct {
	containers, networks, volumes []string
	labels                        []map[string]string
}

func (e *Engine) labelled(ctx context.Context, args filters.Args) (parts, error) {
	var p parts
	containers, err := e.ContainerList(ctx, container.ListOptions{All: true, Filters: args})
	if err != nil {
		return p, fmt.Errorf("listing containers: %w", err)
	}
	for _, c := range containers {
		p.containers, p.labels = append(p.containers, c.ID), append(p.labels, c.Labels)
	}
	networks, err := e.NetworkList(ctx, network.ListOptions{Filters: args})
	if err != nil {
		return p, fmt.Errorf("listing networks: %w", err)
	}
	for _, n := range networks {
		p.networks, p.labels = append(p.networks, n.ID), append(p.labels, n.Labels)
	}
	volumes, err := e.VolumeList(ctx, volume.ListOptions{Filters: args})
	if err != nil {
		return p, fmt.Errorf("listing volumes: %w", err)
	}
	for _, v := range volumes.Volumes {
		p.volumes, p.labels = append(p.volumes, v.Name), append(p.labels, v.Labels)
	}
	return p, nil
}

func (e *Engine) removeParts(ctx context.Context, p parts) error {
	// One after the other: engines before 28 may miscount a network's endpoints
	// when several end at once, and then refuse to remove the network
	// (https://github.com/moby/moby/issues/42119).
	for _, id := range p.containers {
		err := e.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
		if err != nil && !errdefs.IsNotFound(err) {
			return err
		}
	}
	return errors.Join(
		inParallel(p.networks, func(id string) error { return e.NetworkRemove(ctx, id) }),
		inParallel(p.volumes, func(name string) error { return e.VolumeRemove(ctx, name, false) }))
}

// inParallel calls f for each item at once and joins the errors, other than
// those that say that the item is gone.
func inParallel[T any](items []T, f func(T) error) error {
	errs := make([]error, len(items))
	var wg sync.WaitGroup
	for i, item := range items {
		wg.Go(func() {
			if err := f(item); err != nil && !errdefs.IsNotFound(err) {
				errs[i] = err
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

package docker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Runs lists the run ids that own something in the engine, sorted.
func (e *Engine) Runs(ctx context.Context) ([]string, error) {
	all, err := e.parts(ctx, filters.NewArgs(filters.Arg("label", RunLabel)))
	return runsOf(all), err
}

// Clusters lists the run ids that have nodes in the engine, sorted.
func (e *Engine) Clusters(ctx context.Context) ([]string, error) {
	nodes, err := e.containers(ctx, filters.NewArgs(filters.Arg("label", RunLabel), filters.Arg("label", NodeLabel)))
	return runsOf(nodes), err
}

func runsOf(parts []part) []string {
	var ids []string
	for _, p := range parts {
		if id := p.labels[RunLabel]; id != "" { // an empty one is not ours
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// removal is what to remove of a run.
type removal struct {
	runID  string
	labels map[string]string
	// except are parts that are known not to be removable.
	except []Leftover
	// over is the OwnerLabel of a run that is known to be over, whatever its lifeline says.
	over string
	// spareLifeline leaves the run's own lifeline where it is.
	spareLifeline bool
	// settle is how long to wait before the last look: the engine may still have been
	// creating something.
	settle time.Duration
}

// remove removes every container, network and volume of a run that has all of the
// labels, and tells whether there was any. It looks again until nothing is left.
// What the engine will not remove is a *LeftError, and all else is removed. A run whose
// lifeline is held is left alone, unless the labels say whose it is.
func (e *Engine) remove(ctx context.Context, r removal) (found bool, err error) {
	if r.runID == "" {
		return false, errors.New("removing a run: no run id given")
	}
	clean, before, changed := 0, 0, time.Now()
	for clean < 2 {
		parts, err := e.parts(ctx, labelArgs(r.labels))
		if err != nil {
			return found, err
		}
		if r.labels[OwnerLabel] == "" && slices.ContainsFunc(parts, func(p part) bool { return p.holds() && p.labels[OwnerLabel] != r.over }) {
			return found, &journal.InProgressError{RunID: r.runID}
		}
		parts = slices.DeleteFunc(parts, func(p part) bool {
			return slices.ContainsFunc(r.except, p.is) || r.spareLifeline && p.isLifeline()
		})
		if len(parts) == 0 {
			if clean++; clean == 1 {
				time.Sleep(r.settle)
			}
			continue
		}
		found, clean = true, 0
		if len(parts) != before {
			before, changed = len(parts), time.Now()
		}
		refusals := e.removeParts(ctx, parts)
		if ctx.Err() != nil {
			return found, fmt.Errorf("removing run %s: %w: %w; `chaos down %s` tries again", r.runID, ctx.Err(), errors.Join(refusals...), r.runID)
		}
		if errors.Join(refusals...) == nil {
			continue
		}
		if time.Since(changed) > patienceWith(parts) {
			return found, e.leftover(ctx, r.runID, parts, refusals)
		}
		// Containers that are being removed hold networks and volumes for a moment.
		time.Sleep(removeRetry)
	}
	return found, nil
}

const (
	// removeRetry is the time between two tries to remove what the engine has refused.
	removeRetry = 100 * time.Millisecond
	// removePatience is how long that is tried while nothing changes.
	removePatience = 2 * time.Second
	// containerPatience is the same where containers are left: a server that writes
	// to a slow disk takes its time to end.
	containerPatience = 15 * time.Second
)

func patienceWith(parts []part) time.Duration {
	if parts[0].kind == containerPart { // they come first
		return containerPatience
	}
	return removePatience
}

// partKind is what a part is, in words.
type partKind string

const (
	containerPart partKind = "container"
	networkPart   partKind = "network"
	volumePart    partKind = "volume"
)

// part is one thing that a run has in the engine.
type part struct {
	kind     partKind
	id, name string
	labels   map[string]string
	running  bool // of a container
}

// isLifeline tells whether a part is a run's lifeline, and holds whether that says that
// the run lives.
func (p part) isLifeline() bool { return p.kind == containerPart && p.labels[LifelineLabel] != "" }
func (p part) holds() bool      { return p.isLifeline() && p.running }

// is tells whether a part is one that was left.
func (p part) is(l Leftover) bool { return p.kind == l.Kind && p.id == l.ID }

// parts lists what has certain labels: containers, then networks, then volumes.
func (e *Engine) parts(ctx context.Context, args filters.Args) ([]part, error) {
	parts, err := e.containers(ctx, args)
	if err != nil {
		return nil, err
	}
	networks, err := e.NetworkList(ctx, network.ListOptions{Filters: args})
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	for _, n := range networks {
		parts = append(parts, part{kind: networkPart, id: n.ID, name: n.Name, labels: n.Labels})
	}
	volumes, err := e.VolumeList(ctx, volume.ListOptions{Filters: args})
	if err != nil {
		return nil, fmt.Errorf("listing volumes: %w", err)
	}
	for _, v := range volumes.Volumes {
		parts = append(parts, part{kind: volumePart, id: v.Name, name: v.Name, labels: v.Labels})
	}
	return parts, nil
}

func (e *Engine) containers(ctx context.Context, args filters.Args) ([]part, error) {
	containers, err := e.ContainerList(ctx, container.ListOptions{All: true, Filters: args})
	if err != nil {
		return nil, fmt.Errorf("listing containers: %w", err)
	}
	var parts, lifelines []part
	for _, c := range containers {
		// Frozen, it is held as well.
		running := c.State == container.StateRunning || c.State == container.StatePaused
		p := part{containerPart, c.ID, containerName(c), c.Labels, running}
		if p.isLifeline() {
			lifelines = append(lifelines, p)
			continue
		}
		parts = append(parts, p)
	}
	// They go last: a run is in progress for as long as it has nodes.
	return append(parts, lifelines...), nil
}

// removeParts tries to remove each part, and gives the errors in their order.
//
// One after the other: see Docker.joining.
func (e *Engine) removeParts(ctx context.Context, parts []part) []error {
	refusals := make([]error, len(parts))
	for i, p := range parts {
		if err := e.removePart(ctx, p.kind, p.id); !errdefs.IsNotFound(err) {
			refusals[i] = err
		}
	}
	return refusals
}

func (e *Engine) removePart(ctx context.Context, kind partKind, id string) error {
	switch kind {
	case containerPart:
		return e.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	case networkPart:
		return e.NetworkRemove(ctx, id)
	default:
		if err := e.unmountVolume(ctx, id); err != nil {
			return err
		}
		return e.VolumeRemove(ctx, id, false)
	}
}

// labelArgs filters by labels.
func labelArgs(labels map[string]string) filters.Args {
	args := filters.NewArgs()
	for name, value := range labels {
		args.Add("label", name+"="+value)
	}
	return args
}

// containerName is a container's name as people know it; "" of one that is going.
func containerName(c container.Summary) string {
	if len(c.Names) == 0 {
		return ""
	}
	return strings.TrimPrefix(c.Names[0], "/")
}

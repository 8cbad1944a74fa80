package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Leftover is a part of a run that is over, and that the engine would not remove.
// It is remembered in a journal of its own, and is in no other run's way.
type Leftover struct {
	RunID, Owner string
	Kind         partKind
	ID, Name     string
	// Reason is the engine's, and Remedy what a person can do about it.
	Reason, Remedy string
}

func (l Leftover) String() string {
	return fmt.Sprintf("the engine will not remove the %s %s of run %s (%s): %s", l.Kind, l.Name, l.RunID, l.Reason, l.Remedy)
}

// LeftError is the error of what the engine would not remove of a run.
type LeftError struct {
	RunID string
	Parts []Leftover
}

func (e *LeftError) Error() string {
	var lines []string
	for _, l := range e.Parts {
		lines = append(lines, l.String())
	}
	return strings.Join(lines, "\n")
}

// LeftOf implements compose.LeftError.
func (e *LeftError) LeftOf() string { return e.RunID }

// leftover is the error of the parts that were refused, or what went wrong in
// finding out about them.
func (e *Engine) leftover(ctx context.Context, runID string, parts []part, refusals []error) error {
	left := &LeftError{RunID: runID}
	for i, p := range parts {
		if refusals[i] == nil {
			continue
		}
		l := Leftover{
			RunID: p.labels[RunLabel], Owner: p.labels[OwnerLabel], Kind: p.kind, ID: p.id, Name: p.name,
			Reason: strings.TrimPrefix(refusals[i].Error(), "Error response from daemon: "),
		}
		l.Remedy = e.remedy(ctx, l)
		left.Parts = append(left.Parts, l)
	}
	return left
}

// remedy is what a person can do about a part that the engine will not remove.
func (e *Engine) remedy(ctx context.Context, l Leftover) string {
	then := fmt.Sprintf("then `chaos down %s` removes it", l.RunID)
	switch l.Kind {
	case networkPart:
		info, err := e.NetworkInspect(ctx, l.ID, network.InspectOptions{})
		if err == nil && len(info.Containers) == 0 {
			// https://github.com/moby/moby/issues/42119
			return "nothing is on it, and the engine has miscounted; restarting the engine corrects its count, " + then
		}
		var names []string
		for _, c := range info.Containers {
			names = append(names, c.Name)
		}
		return fmt.Sprintf("take what is on it off (%s network disconnect %s CONTAINER, for %s), %s", e.product.Program, l.Name, cmp.Or(strings.Join(names, ", "), "each"), then)
	case volumePart:
		return fmt.Sprintf("see what uses it (%s ps -a --filter volume=%s), %s", e.product.Program, l.Name, then)
	default:
		return fmt.Sprintf("%s rm -f %s may tell more, and restarting the engine helps most times; %s", e.product.Program, l.Name, then)
	}
}

// leftSuffix ends the place of what is left in an engine: that of the engine is before it.
const leftSuffix = "-left"

// leftovers opens the journal of what is left in this engine. Its entries are the
// parts, each under a name of its own, and are not locked.
func (e *Engine) leftovers(ctx context.Context) (journal.Journal[Leftover], error) {
	place, err := e.place(ctx)
	if err != nil {
		return journal.Journal[Leftover]{}, err
	}
	return journal.Open[Leftover](place + leftSuffix)
}

func (l Leftover) key() string { return string(l.Kind) + "-" + l.ID }

// remember notes what is left of a run. What is known already stays as it is.
func (e *Engine) remember(ctx context.Context, left *LeftError) error {
	j, err := e.leftovers(ctx)
	if err != nil {
		return err
	}
	for _, l := range left.Parts {
		entry, err := j.Register(l.key(), func([]journal.Item[Leftover]) (Leftover, error) { return l, nil })
		var stale *journal.StaleError
		var live *journal.InProgressError
		switch {
		case err == nil:
			entry.Release()
		case !errors.As(err, &stale) && !errors.As(err, &live):
			return fmt.Errorf("noting what is left of run %s: %w", l.RunID, err)
		}
	}
	return nil
}

// remembered lists what is known to be left in the engine: of one run, or with ""
// of all.
func (e *Engine) remembered(ctx context.Context, runID string) ([]Leftover, error) {
	j, err := e.leftovers(ctx)
	if err != nil {
		return nil, err
	}
	items, err := j.Items()
	if err != nil {
		return nil, fmt.Errorf("reading what earlier runs have left: %w", err)
	}
	var left []Leftover
	for _, n := range items {
		if runID == "" || n.Made.RunID == runID {
			left = append(left, n.Made)
		}
	}
	return left, nil
}

// leftoverTimeout bounds one more try to remove what the engine would not.
const leftoverTimeout = 5 * time.Second

// retry tries once more to remove what is left, of one run or with "" of all. It
// lists the runs that it has removed the last of, and gives what is left still.
func (e *Engine) retry(ctx context.Context, runID string) (removed []string, still []Leftover, err error) {
	left, err := e.remembered(ctx, runID)
	if err != nil || len(left) == 0 {
		return nil, nil, err
	}
	j, err := e.leftovers(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range left {
		entry, err := j.Claim(l.key())
		if err != nil || entry == nil {
			continue // another process is at it, or has removed it
		}
		switch found, err := e.removeLeftover(ctx, l); {
		case err != nil:
			still = append(still, l)
			entry.Release()
			continue
		case found:
			removed = append(removed, l.RunID)
		}
		if err := entry.Unregister(); err != nil {
			return nil, still, fmt.Errorf("noting that the %s %s is removed: %w", l.Kind, l.Name, err)
		}
	}
	slices.Sort(removed)
	removed = slices.DeleteFunc(slices.Compact(removed), func(id string) bool {
		return slices.ContainsFunc(still, func(l Leftover) bool { return l.RunID == id })
	})
	return removed, still, nil
}

// removeLeftover removes a part if it is there still.
func (e *Engine) removeLeftover(ctx context.Context, l Leftover) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, leftoverTimeout)
	defer cancel()
	if l.Kind == volumePart {
		// It goes by its name, which may be that of another run's by now.
		v, err := e.VolumeInspect(ctx, l.ID)
		if errdefs.IsNotFound(err) || err == nil && (v.Labels[RunLabel] != l.RunID || v.Labels[OwnerLabel] != l.Owner) {
			return false, nil
		}
	}
	err = e.removePart(ctx, l.Kind, l.ID)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

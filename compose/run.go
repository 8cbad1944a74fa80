package compose

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/docker/docker/api/types/filters"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Run is a run that stands in the journal, and so may make things in the engine.
type Run struct {
	engine *Engine
	entry  *journal.Entry[marks]
	// underWay: the start of the containers was interrupted, and the engine may still
	// be at what it was asked for.
	underWay bool
}

// marks is what the journal holds of a run in an engine.
type marks struct {
	// Engine is where the engine answers, for people.
	Engine string
	// Owner is the OwnerLabel of all that the run makes. It tells it from what
	// others make under the same id, such as that of `chaos up`.
	Owner string
}

// labels are those of all that a run makes.
func (m marks) labels(runID string) map[string]string {
	return map[string]string{RunLabel: runID, OwnerLabel: m.Owner}
}

// journal opens the journal of the runs in this engine, by the engine's own id:
// addresses change.
func (e *Engine) journal(ctx context.Context) (journal.Journal[marks], error) {
	info, err := e.Info(ctx)
	if err != nil {
		return journal.Journal[marks]{}, fmt.Errorf("asking the engine for its id: %w", err)
	}
	return journal.Open[marks]("docker-" + cmp.Or(info.ID, e.DaemonHost()))
}

// Enrol notes a run in the journal before anything of it is made, provided that
// nothing is in its way.
func (e *Engine) Enrol(ctx context.Context, d Deployment) (*Run, error) {
	if err := e.checkNeighbours(len(d.Nodes())); err != nil {
		return nil, err
	}
	j, err := e.journal(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := j.Enrol(d.RunID, func([]journal.Note[marks]) (marks, error) {
		return marks{Engine: e.DaemonHost(), Owner: rand.Text()}, e.checkNames(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return &Run{engine: e, entry: entry}, nil
}

// Labels are what all that the run makes has to carry.
func (r *Run) Labels() map[string]string { return r.entry.Made.labels(r.entry.RunID) }

// Keep lets what the run has made outlive it.
func (r *Run) Keep() error { return r.entry.Strike() }

// Remove removes all that the run has made.
func (r *Run) Remove(ctx context.Context) error {
	if err := r.clear(ctx); err != nil {
		return err
	}
	return r.entry.Strike()
}

// clear removes all that the run has made, and leaves it in the journal.
func (r *Run) clear(ctx context.Context) error {
	settle := time.Duration(0)
	if r.underWay {
		settle = settleTime
	}
	return r.engine.removeLabelled(ctx, r.entry.RunID, r.Labels(), settle)
}

// settleTime is how long nothing may have appeared before what a run that was killed
// or interrupted has left behind counts as removed: the engine may still be at what it was asked for.
const settleTime = time.Second

// RemoveStale removes what runs that were killed have left behind in this engine,
// and lists those runs. Live runs and clusters that were kept are left alone.
func (e *Engine) RemoveStale(ctx context.Context) (removed []string, err error) {
	if err := ReleaseStaleSubnets(); err != nil {
		return nil, err
	}
	j, err := e.journal(ctx)
	if err != nil {
		return nil, err
	}
	return j.Sweep(func(n journal.Note[marks]) error {
		if n.Made.Owner == "" {
			return nil // a removal that was killed itself
		}
		return e.removeLabelled(ctx, n.RunID, n.Made.labels(n.RunID), settleTime)
	})
}

// Remove removes every container, network and volume of a run that has ended,
// whoever owned it. That the run is live is an error.
func (e *Engine) Remove(ctx context.Context, runID string) error {
	j, err := e.journal(ctx)
	if err != nil {
		return err
	}
	entry, err := j.Claim(runID)
	if err == nil && entry == nil {
		// So that nobody deploys under this name in the meantime.
		entry, err = j.Enrol(runID, func([]journal.Note[marks]) (marks, error) {
			return marks{Engine: e.DaemonHost()}, nil
		})
	}
	if err != nil {
		return err
	}
	if err := e.removeLabelled(ctx, runID, map[string]string{RunLabel: runID}, 0); err != nil {
		entry.Release()
		return err
	}
	return entry.Strike()
}

// labelArgs filters by labels.
func labelArgs(labels map[string]string) filters.Args {
	args := filters.NewArgs()
	for name, value := range labels {
		args.Add("label", name+"="+value)
	}
	return args
}

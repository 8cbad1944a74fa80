package docker

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/project"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Registration is a run that stands in the journal, and so may make things in the engine.
type Registration struct {
	// Warn is told if other users of the engine cannot see that the run lives; it may
	// be nil.
	Warn func(string)

	engine *Engine
	entry  *journal.Entry[marks]
	// networkTag is the Deployment's.
	networkTag string
	// underWay: the start of the containers was interrupted, and the engine may still
	// be at what it was asked for.
	underWay bool
	lifeline *lifeline // nil before Deploy, and where the engine would not start one
	disks    disks
}

// marks is what the journal holds of a run in an engine.
type marks struct {
	// Engine is where the engine answers, for people.
	Engine string
	// Owner is the OwnerLabel of all that the run makes. It tells it from what
	// others make under the same id, such as that of `chaos up`.
	Owner string
	// Holder is the OwnerLabel of the lifeline of a process that has a cluster which stands, and of nothing else.
	Holder string `json:",omitempty"`
	// Started is what a project of the user's was before such a process started it.
	Started *started `json:",omitempty"`
}

// labels are those of all that a run makes.
func (m marks) labels(runID string) map[string]string {
	return map[string]string{RunLabel: runID, OwnerLabel: m.Owner}
}

// unfinished lists the runs of this process of which something may be in an engine of the product.
func (p Product) unfinished() ([]string, error) {
	return journal.Mine(func(place string) bool {
		return strings.HasPrefix(place, p.placePrefix()) && !strings.HasSuffix(place, leftSuffix) && !strings.HasSuffix(place, project.MemorySuffix)
	})
}

// journal opens the journal of the runs in this engine.
func (e *Engine) journal(ctx context.Context) (journal.Journal[marks], error) {
	place, err := e.place(ctx)
	if err != nil {
		return journal.Journal[marks]{}, err
	}
	return journal.Open[marks](place)
}

// Register notes a run in the journal before anything of it is made, provided that
// nothing is in its way.
func (e *Engine) Register(ctx context.Context, d Deployment) (*Registration, error) {
	if err := e.checkNeighbours(len(d.Nodes())); err != nil {
		return nil, err
	}
	j, err := e.journal(ctx)
	if err != nil {
		return nil, err
	}
	left, err := e.remembered(ctx, "")
	if err != nil {
		return nil, err
	}
	run := &Registration{engine: e}
	run.entry, err = j.Register(d.RunID, func([]journal.Item[marks]) (_ marks, err error) {
		run.networkTag, err = e.checkNames(ctx, d, left)
		return marks{Engine: e.DaemonHost(), Owner: rand.Text()}, err
	})
	if err != nil {
		return nil, err
	}
	return run, nil
}

// Labels are what all that the run makes has to carry.
func (r *Registration) Labels() map[string]string { return r.entry.Made.labels(r.entry.RunID) }

// hold shows the other users of the engine that the run lives. It comes before all else
// that they could remove.
func (r *Registration) hold(ctx context.Context, image string) error {
	return r.holdAs(ctx, image, r.Labels())
}

// holdAs is hold by a container that carries some labels.
func (r *Registration) holdAs(ctx context.Context, image string, labels map[string]string) error {
	warn := r.Warn
	if warn == nil {
		warn = func(string) {}
	}
	l, err := r.engine.startLifeline(ctx, r.entry.RunID, image, labels, warn)
	var live *journal.InProgressError
	var stale *journal.StaleError
	switch {
	case err == nil:
		r.lifeline = l
	case errors.As(err, &live), errors.As(err, &stale), ctx.Err() != nil:
		return err
	default:
		warn(fmt.Sprintf("other users of this %s engine cannot see that the run is in progress, and their `chaos down` can remove it: starting %s: %v", r.engine.product.Title, lifelineName(r.entry.RunID), err))
	}
	return nil
}

// Keep lets what the run has made outlive it: anybody may remove it from now on.
func (r *Registration) Keep() error {
	if r.lifeline != nil {
		r.lifeline.release()
		ctx, cancel := context.WithTimeout(context.Background(), lifelineTimeout)
		defer cancel()
		if err := r.lifeline.remove(ctx); err != nil {
			return fmt.Errorf("removing %s: %w", lifelineName(r.entry.RunID), err)
		}
	}
	return r.entry.Unregister()
}

// Remove removes all that the run has made. What the engine will not remove is a
// *LeftError, and is remembered: the run is over all the same.
func (r *Registration) Remove(ctx context.Context) error {
	if r.lifeline != nil {
		r.lifeline.leave()
		defer r.lifeline.release()
	}
	err := r.clear(ctx, false)
	r.disks.end(ctx)
	var left *LeftError
	if errors.As(err, &left) {
		if failed := r.engine.remember(ctx, left); failed != nil {
			return errors.Join(err, failed)
		}
	} else if err != nil {
		return err
	}
	if failed := r.entry.Unregister(); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// clear removes all that the run has made, and leaves it in the journal. A run that goes
// on keeps its lifeline.
func (r *Registration) clear(ctx context.Context, goesOn bool) error {
	settle := time.Duration(0)
	if r.underWay {
		settle = settleTime
	}
	_, err := r.engine.remove(ctx, removal{runID: r.entry.RunID, labels: r.Labels(), spareLifeline: goesOn, settle: settle})
	return err
}

// settleTime is how long nothing may have appeared before what a run that was killed
// or interrupted has left behind counts as removed: the engine may still be at what it was asked for.
const settleTime = time.Second

// RemoveStale removes what runs that were killed have left behind in this engine.
// Live runs and clusters that were kept are left alone. That the engine will not
// remove something is no error: it is told this once, remembered, and tried again whenever there is
// something to remove. A run that could not remove all of its own, and of which nothing is left by
// now, counts as removed.
func (e *Engine) RemoveStale(ctx context.Context) (swept compose.Swept, err error) {
	if err := compose.ReleaseStaleSubnets(); err != nil {
		return swept, err
	}
	if swept.Removed, _, err = e.retry(ctx, ""); err != nil {
		return swept, err
	}
	j, err := e.journal(ctx)
	if err != nil {
		return swept, err
	}
	var stuck []string // runs of which something is left, and is to be
	over, err := j.Sweep(func(n journal.Item[marks]) error {
		if n.Made.Owner == "" { // it made nothing by itself: a removal that was killed, or a run on a cluster that goes on
			if err := e.removeStarted(ctx, n.Made.Started); err != nil {
				return err
			}
			stuck = append(stuck, n.RunID)
			return nil
		}
		_, err := e.remove(ctx, removal{runID: n.RunID, labels: n.Made.labels(n.RunID), settle: settleTime})
		var left *LeftError
		if errors.As(err, &left) {
			swept.Left, stuck = append(swept.Left, left), append(stuck, left.RunID)
			return e.remember(ctx, left)
		}
		return err
	})
	for _, id := range over {
		if !slices.Contains(stuck, id) {
			swept.Removed = append(swept.Removed, id)
		}
	}
	return swept, err
}

// Remove removes every container, network and volume of a run that has ended,
// whoever owned it. That the run is live, be it of another user, is an error, and so is what the engine will
// not remove, a *LeftError. What an earlier run of the same id has left counts only
// where there is nothing else.
func (e *Engine) Remove(ctx context.Context, runID string) error {
	j, err := e.journal(ctx)
	if err != nil {
		return err
	}
	entry, err := j.Claim(runID)
	if err == nil && entry == nil {
		// So that nobody deploys under this name in the meantime.
		entry, err = j.Register(runID, func([]journal.Item[marks]) (marks, error) {
			return marks{Engine: e.DaemonHost()}, nil
		})
	}
	if err != nil {
		return err
	}
	err = e.removeWhole(ctx, runID, cmp.Or(entry.Made.Owner, entry.Made.Holder))
	var left *LeftError
	var live *journal.InProgressError
	if errors.As(err, &live) && entry.Made.Owner == "" {
		return errors.Join(err, entry.Unregister())
	}
	if err != nil && !errors.As(err, &left) {
		entry.Release()
		return err
	}
	return errors.Join(err, entry.Unregister())
}

// removeWhole removes all that carries a run's id. over is the owner that is known to have
// ended, if there is one.
func (e *Engine) removeWhole(ctx context.Context, runID, over string) (err error) {
	defer func() {
		if err == nil {
			err = e.forgetAccess(ctx, runID)
		}
	}()
	_, earlier, err := e.retry(ctx, runID)
	if err != nil {
		return err
	}
	found, err := e.remove(ctx, removal{runID: runID, labels: map[string]string{RunLabel: runID}, over: over, except: earlier})
	var left *LeftError
	switch {
	case errors.As(err, &left):
		return errors.Join(err, e.remember(ctx, left))
	case err == nil && !found && len(earlier) > 0:
		return &LeftError{RunID: runID, Parts: earlier}
	}
	return err
}

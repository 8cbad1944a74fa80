package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// RemoveStale removes what runs that were killed have left behind, and lists
// those runs. Live runs are left alone.
func RemoveStale(ctx context.Context) (removed []string, err error) {
	r, err := openRegistry()
	if err != nil {
		return nil, err
	}
	var stale []*entry
	err = r.alone(func() error {
		runs, err := r.runs()
		if err != nil {
			return err
		}
		for _, id := range runs {
			e, live, err := r.open(id)
			switch {
			case err != nil:
				return err
			case live:
				e.release()
			case e != nil:
				stale = append(stale, e)
			}
		}
		return nil
	})
	errs := []error{err}
	for _, e := range stale {
		if err := e.remove(ctx); err != nil {
			e.release()
			errs = append(errs, fmt.Errorf("removing what run %s has left behind: %w", e.RunID, err))
			continue
		}
		removed = append(removed, e.RunID)
	}
	return removed, errors.Join(errs...)
}

// Remove removes what a run that was killed has left behind. That there is
// nothing is fine; that the run is live is an error.
func Remove(ctx context.Context, runID string) error {
	r, err := openRegistry()
	if err != nil {
		return err
	}
	var e *entry
	err = r.alone(func() error {
		var live bool
		if e, live, err = r.open(runID); err != nil || !live {
			return err
		}
		e.release()
		return fmt.Errorf("run %q is in progress (process %d): end that first", runID, e.PID)
	})
	if err != nil || e == nil {
		return err
	}
	if err := e.remove(ctx); err != nil {
		e.release()
		return fmt.Errorf("removing run %s: %w", runID, err)
	}
	return nil
}

// remove removes all that the journal says, and then the journal.
func (e *entry) remove(ctx context.Context) error {
	if err := e.endProcesses(ctx); err != nil {
		return err
	}
	var errs []error
	if e.Mode == Isolated {
		errs = append(errs, removeIsolation(e.RunID, e.Nodes))
	}
	if !e.Keep {
		errs = append(errs, e.removeFolders())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return e.registry.alone(e.strike)
}

// endProcesses kills what still runs in the nodes' folders, until nothing does.
func (e *entry) endProcesses(ctx context.Context) error {
	for {
		pids, err := e.processes()
		if err != nil {
			return fmt.Errorf("looking for processes of the run: %w", err)
		}
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("killing process %d: %w", pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for processes %v to end: %w", pids, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// processes lists what runs the run's server in a node's folder.
func (e *entry) processes() ([]int, error) {
	folders := make([]string, len(e.Nodes))
	for i, node := range e.Nodes {
		folders[i] = e.folder(node)
	}
	return processesOf(e.Server, func(dir string) bool { return slices.Contains(folders, dir) })
}

// removeFolders removes the nodes' folders, and the run's if it was made for it
// and nothing else is in there.
func (e *entry) removeFolders() error {
	var errs []error
	for _, node := range e.Nodes {
		errs = append(errs, os.RemoveAll(e.folder(node)))
	}
	if err := os.Remove(filepath.Join(e.Dir, confName)); !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	if e.MadeDir {
		err := os.Remove(e.Dir)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) && !errors.Is(err, syscall.EEXIST) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

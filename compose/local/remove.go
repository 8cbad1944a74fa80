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

	"github.com/redis-chaos/redis-chaos/compose"
)

// RemoveStale removes what runs that were killed have left behind, and lists
// those runs. Live runs are left alone.
func RemoveStale(ctx context.Context) (removed []string, err error) {
	if err := compose.ReleaseStaleSubnets(); err != nil {
		return nil, err
	}
	j, err := openJournal()
	if err != nil {
		return nil, err
	}
	return j.Sweep(func(n item) error { return n.Made.remove(ctx, n.RunID) })
}

// Remove removes what a run that was killed has left behind. That there is
// nothing is fine; that the run is live is an error.
func Remove(ctx context.Context, runID string) error {
	j, err := openJournal()
	if err != nil {
		return err
	}
	e, err := j.Claim(runID)
	if err != nil || e == nil {
		return err
	}
	if err := e.Made.remove(ctx, runID); err != nil {
		e.Release()
		return fmt.Errorf("removing run %s: %w", runID, err)
	}
	return e.Unregister()
}

// remove removes all that a run has made.
func (l layout) remove(ctx context.Context, runID string) error {
	if err := l.endProcesses(ctx); err != nil {
		return err
	}
	var errs []error
	if l.Mode == Isolated {
		errs = append(errs, removeIsolation(runID, l.Nodes))
	}
	if !l.Keep {
		errs = append(errs, l.removeFolders())
	}
	return errors.Join(errs...)
}

// endProcesses kills what still runs in the nodes' folders, until nothing does.
func (l layout) endProcesses(ctx context.Context) error {
	for {
		pids, err := l.processes()
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
func (l layout) processes() ([]int, error) {
	folders := make([]string, len(l.Nodes))
	for i, node := range l.Nodes {
		folders[i] = l.folder(node)
	}
	return processesOf(l.Server, func(dir string) bool { return slices.Contains(folders, dir) })
}

// removeFolders removes the nodes' folders, and the run's if it was made for it
// and nothing else is in there.
func (l layout) removeFolders() error {
	var errs []error
	for _, node := range l.Nodes {
		if err := os.RemoveAll(l.folder(node)); !isGone(err) {
			errs = append(errs, err)
		}
	}
	if err := os.Remove(filepath.Join(l.Dir, confName)); !isGone(err) {
		errs = append(errs, err)
	}
	if l.MadeDir {
		err := os.Remove(l.Dir)
		if !isGone(err) && !errors.Is(err, syscall.ENOTEMPTY) && !errors.Is(err, syscall.EEXIST) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// isGone tells whether there is nothing of a name, also because a folder on the way to it
// is a file by now.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

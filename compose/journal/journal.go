// Package journal notes the runs that make things outside of this process, each
// before it makes any. An entry is locked (flock) by its run's owner: the kernel
// unlocks it whatever way the owner ends. So what a run that was killed has left
// behind can be told from what is in use.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Journal is the entries of all runs in one place: among the processes of this
// machine, or in one Docker engine. T is what the runtime there notes of a run.
type Journal[T any] struct{ dir string }

// Item is what an entry says.
type Item[T any] struct {
	RunID string
	PID   int // of the owner, for people
	Made  T
}

// InProgressError is the error of touching a run whose owner lives.
type InProgressError struct {
	RunID string
	PID   int // of the owner; 0 of one whom this journal does not know
}

func (e *InProgressError) Error() string {
	return fmt.Sprintf("run %q is in progress (%s): end that first", e.RunID, e.Owner())
}

// Owner is who owns the run, in words.
func (e *InProgressError) Owner() string {
	if e.PID == 0 {
		return "of another user, or on another machine"
	}
	return fmt.Sprintf("process %d", e.PID)
}

// StaleError is the error of registering under the id of a run that was killed.
type StaleError struct{ RunID string }

func (e *StaleError) Error() string {
	return fmt.Sprintf("run %q was killed and has left things behind: `chaos down %s` removes them", e.RunID, e.RunID)
}

// Folder is where the journals of all places are: redis-chaos/runs in /run for
// root, and else in $XDG_STATE_HOME, by default ~/.local/state.
func Folder() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	switch {
	case rootOnLinux():
		state = "/run"
	case state == "":
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "redis-chaos", "runs"), nil
}

func rootOnLinux() bool { return os.Geteuid() == 0 && runtime.GOOS == "linux" }

// Open opens the journal of a place, and makes sure that it can be written.
func Open[T any](place string) (j Journal[T], err error) {
	folder, err := Folder()
	if err == nil {
		j, err = openIn[T](folder, place)
	}
	if err != nil {
		remedy := "XDG_STATE_HOME can name a folder that you can write to"
		if rootOnLinux() {
			remedy = "for root it is in /run, which must be writable"
		}
		return j, fmt.Errorf("opening the journal of runs: %w: %s", err, remedy)
	}
	return j, nil
}

func openIn[T any](folder, place string) (Journal[T], error) {
	j := Journal[T]{filepath.Join(folder, url.PathEscape(place))}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return j, err
	}
	return j, j.alone(func() error { return nil })
}

// alone calls f while no other process is in its own call.
func (j Journal[T]) alone(f func() error) error {
	lock, err := os.OpenFile(filepath.Join(j.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := flock(lock, syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", lock.Name(), err)
	}
	return f()
}

const extension = ".json"

func (j Journal[T]) path(runID string) string {
	return filepath.Join(j.dir, url.PathEscape(runID)+extension)
}

// runs lists the ids of all runs, live or not.
func (j Journal[T]) runs() ([]string, error) {
	files, err := os.ReadDir(j.dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, file := range files {
		name, isEntry := strings.CutSuffix(file.Name(), extension)
		if id, err := url.PathUnescape(name); err == nil && isEntry {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Register notes a new run. What it makes is for plan to say, which is told of the
// others, live or not, and keeps them from registering for as long as it takes.
func (j Journal[T]) Register(runID string, plan func(others []Item[T]) (T, error)) (e *Entry[T], err error) {
	err = j.alone(func() error {
		others, err := j.others(runID)
		if err != nil {
			return err
		}
		item := Item[T]{RunID: runID, PID: os.Getpid()}
		if item.Made, err = plan(others); err != nil {
			return err
		}
		if e, err = j.create(item); err != nil {
			return fmt.Errorf("noting the run in %s: %w", j.dir, err)
		}
		return nil
	})
	return e, err
}

// others reads the entries of all runs but one, which must not be there.
func (j Journal[T]) others(runID string) ([]Item[T], error) {
	ids, err := j.runs()
	if err != nil {
		return nil, err
	}
	var others []Item[T]
	for _, id := range ids {
		e, live, err := j.open(id)
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		e.Release()
		switch {
		case id != runID:
			others = append(others, e.Item)
		case live:
			return nil, &InProgressError{id, e.PID}
		default:
			return nil, &StaleError{id}
		}
	}
	return others, nil
}

// Items reads the entries of all runs, live or not.
func (j Journal[T]) Items() (items []Item[T], err error) {
	err = j.alone(func() error {
		items, err = j.others("")
		return err
	})
	return items, err
}

// Mine lists the runs in some places whose entries this process holds. It waits for
// nobody, and so is for a process that is about to end.
func Mine(in func(place string) bool) ([]string, error) {
	folder, err := Folder()
	if err != nil {
		return nil, err
	}
	return mineIn(folder, in)
}

func mineIn(folder string, in func(place string) bool) (mine []string, err error) {
	places, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		if place, err := url.PathUnescape(p.Name()); err != nil || !in(place) {
			continue
		}
		j := Journal[json.RawMessage]{filepath.Join(folder, p.Name())}
		ids, err := j.runs()
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			held, err := j.holds(id, os.Getpid())
			if err != nil {
				return nil, err
			}
			if held {
				mine = append(mine, id)
			}
		}
	}
	return mine, nil
}

// holds tells whether a process holds a run's entry.
func (j Journal[T]) holds(runID string, pid int) (bool, error) {
	file, err := os.Open(j.path(runID))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	// That the process has another one's id would otherwise be possible.
	if err := flock(file, syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return false, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return false, err
	}
	var item struct{ PID int }
	// Half of one is that of a process that has not made anything yet.
	return json.Unmarshal(text, &item) == nil && item.PID == pid, nil
}

// Claim takes over the entry of a run that was killed. It is nil where there is
// none; that the run is live is an error.
func (j Journal[T]) Claim(runID string) (*Entry[T], error) {
	var claimed *Entry[T]
	err := j.alone(func() error {
		e, live, err := j.open(runID)
		if live && err == nil {
			e.Release()
			return &InProgressError{runID, e.PID}
		}
		claimed = e
		return err
	})
	return claimed, err
}

// Sweep has everything removed that killed runs have left behind, and lists those
// of which nothing is left. Live runs are left alone, and so are those that
// another process is sweeping.
func (j Journal[T]) Sweep(remove func(Item[T]) error) (removed []string, err error) {
	var stale []*Entry[T]
	err = j.alone(func() error {
		ids, err := j.runs()
		if err != nil {
			return err
		}
		for _, id := range ids {
			e, live, err := j.open(id)
			switch {
			case err != nil:
				return err
			case live:
				e.Release()
			case e != nil:
				stale = append(stale, e)
			}
		}
		return nil
	})
	errs := []error{err}
	for _, e := range stale {
		if err := remove(e.Item); err != nil {
			e.Release()
			errs = append(errs, fmt.Errorf("removing what run %s has left behind: %w", e.RunID, err))
			continue
		}
		errs = append(errs, e.Unregister())
		removed = append(removed, e.RunID)
	}
	return removed, errors.Join(errs...)
}

// create writes a new entry. To be called alone.
func (j Journal[T]) create(item Item[T]) (*Entry[T], error) {
	text, err := json.Marshal(item)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(j.path(item.RunID), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	e := &Entry[T]{Item: item, journal: j, file: file}
	if err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, e.unregister())
	}
	if _, err := file.Write(text); err != nil {
		return nil, errors.Join(err, e.unregister())
	}
	return e, nil
}

package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Entry is a run's entry, locked by this process.
type Entry[T any] struct {
	Item[T]
	journal      Journal[T]
	file         *os.File
	unregistered bool
}

// open reads the entry of a run and locks it, unless the run is live. It is nil
// if there is none. To be called alone.
func (j Journal[T]) open(runID string) (e *Entry[T], live bool, err error) {
	file, err := os.OpenFile(j.path(runID), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	e = &Entry[T]{Item: Item[T]{RunID: runID}, journal: j, file: file}
	if err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		live = true
	} else if err != nil {
		return nil, false, errors.Join(err, file.Close())
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, false, errors.Join(err, file.Close())
	}
	if !live && !json.Valid(text) {
		// Its owner was killed while writing it, and so before making anything.
		return nil, false, e.unregister()
	}
	if err := json.Unmarshal(text, &e.Item); err != nil {
		return nil, false, errors.Join(fmt.Errorf("reading %s: %w", file.Name(), err), file.Close())
	}
	return e, live, nil
}

// Release unlocks the entry and leaves it where it is.
func (e *Entry[T]) Release() { e.file.Close() }

// Unregister removes the entry: nothing of the run is left, or what is left is to stay.
// Once it is removed, nothing happens.
func (e *Entry[T]) Unregister() error { return e.journal.alone(e.unregister) }

func (e *Entry[T]) unregister() error {
	if e.unregistered {
		return nil // by now, it could be that of another run of the same id
	}
	e.unregistered = true
	err := os.Remove(e.journal.path(e.RunID))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, e.file.Close())
}

// flock locks a file, waiting if need be.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

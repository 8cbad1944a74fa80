package disk

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"syscall"
	"time"
)

// fsync makes a file or a directory durable, with the whole journal, if any of it is
// not. The caller holds durability and mu, which is let go of while bytes are written and
// the file below is synced.
func (fs *fileSystem) fsync(n *node) error {
	if len(n.dirty) == 0 && !fs.concerns(n) {
		return nil
	}
	if err := fs.commit(len(fs.journal)); err != nil {
		return err
	}
	if !n.is(syscall.S_IFREG) {
		return fs.syncDir(n)
	}
	written := n.dirty.bytes()
	err := fs.write(n, (*os.File).Sync)
	if err == nil {
		fs.synced += written
	}
	return err
}

// write writes what is dirty of a file to the one below, and then has that done. The
// caller holds durability and mu, which is let go of meanwhile.
func (fs *fileSystem) write(n *node, then func(*os.File) error) error {
	if err := n.pin(); err != nil {
		return err
	}
	defer n.unpin()
	n.takeOff()
	f, flight := n.below, n.inFlight
	fs.mu.Unlock()
	err := writeBelow(f, flight)
	if err == nil && f != nil {
		if err = then(f); err != nil {
			err = fmt.Errorf("syncing the file below: %w", err)
		}
	}
	fs.mu.Lock()
	n.land(err)
	return err
}

func (fs *fileSystem) syncDir(n *node) error {
	if !n.isBelow() {
		return nil
	}
	f, err := os.Open(n.pathBelow())
	if err != nil {
		return fmt.Errorf("opening the directory below: %w", err)
	}
	defer f.Close()
	fs.mu.Unlock()
	defer fs.mu.Lock()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing the directory below: %w", err)
	}
	return nil
}

// sync makes everything durable, unless nothing may become durable.
func (fs *fileSystem) sync() error {
	fs.durability.Lock()
	defer fs.durability.Unlock()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.frozen != nil {
		return errors.New("the disk is frozen")
	}
	if fs.readOnly() {
		return errors.New("the disk is read-only")
	}
	return fs.writeBack(func(time.Time) bool { return true }, 0)
}

// writeBack makes the journal durable, and the bytes of files that have waited since a
// moment that is due, or for as long as there are more than so many. The caller holds durability and mu.
func (fs *fileSystem) writeBack(due func(since time.Time) bool, most int64) error {
	var errs []error
	if len(fs.journal) > 0 {
		errs = append(errs, fs.commit(len(fs.journal)))
	}
	total := fs.dirtyBytes()
	for _, n := range fs.longestDirty() {
		if !due(n.since) && (most == 0 || total <= most) {
			break
		}
		written := n.dirty.bytes()
		if err := fs.write(n, func(*os.File) error { return nil }); err != nil {
			errs = append(errs, err)
			continue
		}
		total -= written
		fs.writtenBack += written
	}
	return errors.Join(errs...)
}

// longestDirty is the files that have dirty bytes, first those that have had them for longest.
func (fs *fileSystem) longestDirty() []*node {
	return slices.SortedFunc(maps.Keys(fs.dirty), func(a, b *node) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.id(), b.id()))
	})
}

func (fs *fileSystem) dirtyBytes() int64 {
	var n int64
	for node := range fs.dirty {
		n += node.dirty.bytes()
	}
	return n
}

// pending is how many changes that programs asked for are in the journal.
func (fs *fileSystem) pending() int {
	n := 0
	for _, c := range fs.journal {
		if c.what != "" {
			n++
		}
	}
	return n
}

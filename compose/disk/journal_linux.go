package disk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// change is one of names, sizes or attributes that programs see, and that is not
// durable before it is applied to the directory below.
type change struct {
	what   string // in words; empty for one that no program asked for
	nodes  []*node
	cuts   *node // what it truncates
	writes *node // what has its bytes written
	apply  func() error
	at     time.Time
}

// record adds to the journal.
func (fs *fileSystem) record(what string, nodes []*node, apply func() error) {
	fs.journal = append(fs.journal, change{what: what, nodes: nodes, apply: apply, at: time.Now()})
}

// concerns says whether the journal has something of a node.
func (fs *fileSystem) concerns(n *node) bool {
	return slices.ContainsFunc(fs.journal, func(c change) bool { return slices.Contains(c.nodes, n) })
}

// commit makes the first n changes of the journal durable, or as many as it can. The caller
// holds durability and mu.
func (fs *fileSystem) commit(n int) error {
	for i, c := range fs.journal[:n] {
		if err := c.apply(); err != nil {
			fs.journal = fs.journal[i:]
			return fmt.Errorf("applying a change below (%s): %w", c.what, err)
		}
	}
	fs.journal = fs.journal[n:]
	return nil
}

// recordMade is of a node that has got its first name.
func (fs *fileSystem) recordMade(n *node) {
	at, attr := &place{n.parent, n.name}, n.attr
	fs.record("create "+n.path(), []*node{n, n.parent}, func() error {
		where := at.path()
		if err := n.makeBelow(where, attr); err != nil {
			return err
		}
		n.durable = at
		return setAttrBelow(where, attr)
	})
}

func (n *node) makeBelow(where string, attr fuse.Attr) error {
	var err error
	switch attr.Mode & syscall.S_IFMT {
	case syscall.S_IFDIR:
		err = unix.Mkdir(where, 0o700)
	case syscall.S_IFLNK:
		err = unix.Symlink(n.target, where)
	case syscall.S_IFREG:
		f, err := os.OpenFile(where, os.O_RDWR|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600)
		if err != nil {
			return err
		}
		if n.pins == 0 {
			return f.Close()
		}
		n.below = f
		return nil
	default:
		err = unix.Mknod(where, attr.Mode, int(attr.Rdev))
	}
	if err != nil && !errors.Is(err, unix.EEXIST) { // a change that failed half-way is applied again
		return &os.PathError{Op: "create", Path: where, Err: err}
	}
	return nil
}

// recordRemoved is of a name that is taken from its node.
func (fs *fileSystem) recordRemoved(n *node) {
	at := &place{n.parent, n.name}
	fs.record("remove "+n.path(), []*node{n, n.parent}, func() error {
		flags := 0
		if n.is(syscall.S_IFDIR) {
			flags = unix.AT_REMOVEDIR
		}
		if err := unix.Unlinkat(unix.AT_FDCWD, at.path(), flags); err != nil && !errors.Is(err, unix.ENOENT) {
			return &os.PathError{Op: "remove", Path: at.path(), Err: err}
		}
		n.durable = nil
		return nil
	})
}

// recordRenamed is of a node that goes from one name to another. It replaces
// what has that, if anything does.
func (fs *fileSystem) recordRenamed(n *node, to *place, replaced *node) {
	from := &place{n.parent, n.name}
	nodes := []*node{n, from.dir, to.dir}
	if replaced != nil {
		nodes = append(nodes, replaced)
		fs.recordWritten(n)
	}
	fs.record(fmt.Sprintf("rename %s to %s", n.path(), joinName(to)), nodes, func() error {
		if err := unix.Rename(from.path(), to.path()); err != nil {
			return &os.LinkError{Op: "rename", Old: from.path(), New: to.path(), Err: err}
		}
		n.durable = to
		if replaced != nil {
			replaced.durable = nil
		}
		return nil
	})
}

// recordWritten lets the bytes of a file become durable before what follows in the journal.
func (fs *fileSystem) recordWritten(n *node) {
	if len(n.dirty) == 0 {
		return
	}
	fs.record("", []*node{n}, func() error {
		written := n.dirty.bytes()
		if err := n.pin(); err != nil {
			return err
		}
		defer n.unpin()
		n.takeOff()
		err := writeBelow(n.below, n.inFlight)
		n.land(err)
		if err == nil {
			fs.writtenBack += written
		}
		return err
	})
	fs.journal[len(fs.journal)-1].writes = n
}

// recordTruncated is of a new size. Bytes that were to be written before it in the journal are not: by
// the time that it is applied, they are mixed with those that came after the truncation.
func (fs *fileSystem) recordTruncated(n *node, size int64) {
	fs.journal = slices.DeleteFunc(fs.journal, func(c change) bool { return c.writes == n })
	fs.record(fmt.Sprintf("truncate %s to %d bytes", n.path(), size), []*node{n}, func() error {
		return n.withBelow(func(f *os.File) error { return f.Truncate(size) })
	})
	fs.journal[len(fs.journal)-1].cuts = n
}

func (fs *fileSystem) recordAttr(n *node) {
	attr := n.attr
	fs.record("attributes of "+n.path(), []*node{n}, func() error {
		if !n.isBelow() {
			return nil
		}
		return setAttrBelow(n.pathBelow(), attr)
	})
}

// withBelow calls f with the file below, unless there is none any more.
func (n *node) withBelow(f func(*os.File) error) error {
	if err := n.pin(); err != nil {
		return err
	}
	defer n.unpin()
	if n.below == nil {
		return nil
	}
	return f(n.below)
}

// takeOff begins to write what is dirty: writes that come now are of the next time.
func (n *node) takeOff() {
	n.inFlight, n.dirty, n.landing = n.dirty, nil, n.size()
	delete(n.fs.dirty, n)
}

// land ends it. What could not be written is dirty again, under what has been written since.
func (n *node) land(err error) {
	flown := n.inFlight.upTo(n.landing)
	n.inFlight = nil
	if err == nil {
		n.keep = n.landing
		if n.isBelow() { // writing has set another mtime
			_ = unix.UtimesNanoAt(unix.AT_FDCWD, n.pathBelow(), timesOf(n.attr), unix.AT_SYMLINK_NOFOLLOW)
		}
		return
	}
	since := n.dirty
	n.dirty = nil
	for _, x := range slices.Concat(flown, since) {
		n.dirty.write(x.off, bytes.Clone(x.data))
	}
	if len(n.dirty) > 0 {
		n.fs.dirty[n] = true
	}
}

// writeBelow writes bytes to a file below, if there is one.
func writeBelow(f *os.File, flight extents) error {
	if f == nil {
		return nil
	}
	for _, x := range flight {
		if _, err := f.WriteAt(x.data, x.off); err != nil {
			return fmt.Errorf("writing the file below: %w", err)
		}
	}
	return nil
}

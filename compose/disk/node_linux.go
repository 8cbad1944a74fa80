package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// node is a file, a directory or another thing with a name, as programs see it.
// Its fields are guarded by fileSystem.mu.
type node struct {
	fs     *fileSystem
	boot   int       // of the file system when the node was made: it is stale in the next
	attr   fuse.Attr // Ino is the node's id; Size is that of the contents
	target string    // of a symbolic link

	parent  *node // with name, where it is, or was if it is removed
	name    string
	removed bool
	entries map[string]*node // of a directory

	lookups uint64 // by the kernel, which has not forgotten so many
	pins    int    // handles, and what else needs the file below: it is open then

	durable *place   // where it is below; nil if it is not
	below   *os.File // of a regular file that is durable and pinned

	// The contents are, each over the one before: the first keep bytes of the file
	// below, what an fsync is writing to it (inFlight, its first landing bytes), what
	// came since (dirty). What none of them holds is zero.
	keep     int64
	inFlight extents
	landing  int64
	dirty    extents
	since    time.Time // when the first of dirty was written
	emptied  bool      // truncated to nothing while it was open
}

// place is a name in a directory below.
type place struct {
	dir  *node
	name string
}

func (n *node) id() uint64 { return n.attr.Ino }

func (n *node) is(kind uint32) bool { return n.attr.Mode&syscall.S_IFMT == kind }

// path is where the node is in the file system, or was: "." for the mount point.
func (n *node) path() string {
	if n.parent == nil {
		return "."
	}
	return path.Join(n.parent.path(), n.name)
}

// pathBelow is where the node is below. Of one that is not there, it is what no system call takes.
func (n *node) pathBelow() string {
	switch {
	case n.durable != nil:
		return n.durable.path()
	case n.parent == nil:
		return n.fs.base
	default:
		return "\x00"
	}
}

func (p *place) path() string { return p.dir.pathBelow() + "/" + p.name }

// isBelow says whether the directory below has the node.
func (n *node) isBelow() bool { return n.durable != nil || n.parent == nil }

// size is that of the contents, in bytes.
func (n *node) size() int64 { return int64(n.attr.Size) }

func (n *node) resize(size int64) {
	n.fs.used += size - n.size()
	n.attr.Size = uint64(size)
	n.attr.Blocks = uint64(size+511) / 512
}

// touch is a change of the contents (mtime), or else of the attributes alone.
func (n *node) touch(contents bool) {
	now := time.Now()
	if contents {
		n.attr.SetTimes(nil, &now, &now)
	} else {
		n.attr.SetTimes(nil, nil, &now)
	}
}

// read fills p with the contents from off on, as far as they go.
func (n *node) read(p []byte, off int64) (int, error) {
	if off >= n.size() {
		return 0, nil
	}
	p = p[:min(int64(len(p)), n.size()-off)]
	clear(p)
	if off < n.keep && n.below != nil {
		if _, err := n.below.ReadAt(p[:min(int64(len(p)), n.keep-off)], off); err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("reading the file below: %w", err)
		}
	}
	if n.inFlight != nil {
		n.inFlight.upTo(n.landing).read(p, off)
	}
	n.dirty.read(p, off)
	return len(p), nil
}

// write puts bytes into the contents.
func (n *node) write(p []byte, off int64) {
	if len(n.dirty) == 0 {
		n.since = time.Now()
		n.fs.dirty[n] = true
	}
	n.dirty.write(off, p)
	n.resize(max(n.size(), off+int64(len(p))))
	n.touch(true)
}

// truncate sets the size of the contents.
func (n *node) truncate(size int64) {
	n.keep = min(n.keep, size)
	n.landing = min(n.landing, size)
	n.dirty.truncate(size)
	if len(n.dirty) == 0 {
		delete(n.fs.dirty, n)
	}
	n.resize(size)
	n.touch(true)
}

// pin opens the file below, until unpin.
func (n *node) pin() error {
	if n.below == nil && n.durable != nil && n.is(syscall.S_IFREG) {
		f, err := os.OpenFile(n.pathBelow(), os.O_RDWR|syscall.O_NOFOLLOW, 0)
		if err != nil {
			return fmt.Errorf("opening the file below: %w", err)
		}
		n.below = f
	}
	n.pins++
	return nil
}

func (n *node) unpin() {
	if n.pins--; n.pins == 0 && n.below != nil {
		n.below.Close() // what is durable has been synced
		n.below = nil
	}
	n.fs.forget(n)
}

// setAttrBelow sets mode, owner and times of what is below.
func setAttrBelow(where string, attr fuse.Attr) error {
	if err := os.Lchown(where, int(attr.Uid), int(attr.Gid)); err != nil {
		return err
	}
	if attr.Mode&syscall.S_IFMT != syscall.S_IFLNK {
		if err := unix.Chmod(where, attr.Mode&0o7777); err != nil {
			return &os.PathError{Op: "chmod", Path: where, Err: err}
		}
	}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, where, timesOf(attr), unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &os.PathError{Op: "utimensat", Path: where, Err: err}
	}
	return nil
}

func timesOf(attr fuse.Attr) []unix.Timespec {
	return []unix.Timespec{
		{Sec: int64(attr.Atime), Nsec: int64(attr.Atimensec)},
		{Sec: int64(attr.Mtime), Nsec: int64(attr.Mtimensec)},
	}
}

// joinName is the path of a place in the file system.
func joinName(p *place) string { return path.Join(p.dir.path(), p.name) }

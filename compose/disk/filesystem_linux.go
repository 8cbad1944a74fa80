package disk

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// fileSystem is what programs see, in memory, and what of it is durable, below. The
// methods that answer the kernel are in names_linux.go and files_linux.go.
type fileSystem struct {
	fuse.RawFileSystem // what is not supported

	base string // the directory below, by a descriptor: the mount may hide its path

	// durability is held by whoever makes something durable, for as long as that takes. It
	// is locked before mu.
	durability sync.Mutex

	mu      sync.Mutex // guards all below, and the nodes
	boot    int        // power losses so far
	nodes   map[uint64]*node
	lastID  uint64
	handles map[uint64]*handle
	lastFh  uint64

	journal []change
	dirty   map[*node]bool // those that have bytes that are not durable
	used    int64          // bytes of all contents

	writeback Writeback
	overdue   chan struct{} // wakes the writeback when there is too much
	faults    map[string]*inForce
	frozen    chan struct{} // closed when it thaws; nil if it is not frozen
	ended     chan struct{} // closed when it is unmounted

	counts      map[Op]*Count
	synced      int64
	writtenBack int64
	powerLosses int
	lost        int64
}

// handle is a file or a directory that a program has open.
type handle struct {
	node    *node
	listing []fuse.DirEntry // of a directory, when it was first read
}

func newFileSystem(base string, w Writeback) (*fileSystem, error) {
	fs := &fileSystem{
		RawFileSystem: fuse.NewDefaultRawFileSystem(),
		base:          base,
		lastID:        fuse.FUSE_ROOT_ID,
		handles:       map[uint64]*handle{},
		writeback:     w,
		overdue:       make(chan struct{}, 1),
		faults:        map[string]*inForce{},
		ended:         make(chan struct{}),
		nodes:         map[uint64]*node{},
		counts:        map[Op]*Count{},
	}
	for _, op := range ops {
		fs.counts[op] = &Count{}
	}
	return fs, fs.load()
}

// load makes what programs see of what is below.
func (fs *fileSystem) load() error {
	fs.dirty = map[*node]bool{}
	fs.journal = nil
	fs.used = 0
	fs.nodes[fuse.FUSE_ROOT_ID] = nil // whatever happens, nobody sees what is not durable
	var stat syscall.Stat_t
	if err := syscall.Stat(fs.base, &stat); err != nil {
		return fmt.Errorf("reading the directory below: %w", err)
	}
	root := &node{fs: fs, boot: fs.boot, entries: map[string]*node{}}
	root.attr.FromStat(&stat)
	root.attr.Ino = fuse.FUSE_ROOT_ID
	if err := root.loadEntries(); err != nil {
		return fmt.Errorf("reading the directory below: %w", err)
	}
	fs.nodes[fuse.FUSE_ROOT_ID] = root
	return nil
}

func (n *node) loadEntries() error {
	entries, err := os.ReadDir(n.pathBelow())
	if err != nil {
		return err
	}
	for _, entry := range entries {
		child := n.fs.newNode(0)
		child.durable = &place{n, entry.Name()}
		where := child.pathBelow()
		var stat syscall.Stat_t
		if err := syscall.Lstat(where, &stat); err != nil {
			return &os.PathError{Op: "lstat", Path: where, Err: err}
		}
		id := child.id()
		child.attr.FromStat(&stat)
		child.attr.Ino, child.attr.Nlink = id, 1
		n.add(entry.Name(), child)
		switch {
		case child.is(syscall.S_IFDIR):
			child.entries = map[string]*node{}
			if err := child.loadEntries(); err != nil {
				return err
			}
		case child.is(syscall.S_IFLNK):
			if child.target, err = os.Readlink(where); err != nil {
				return err
			}
		case child.is(syscall.S_IFREG):
			child.keep = child.size()
			n.fs.used += child.size()
		}
	}
	return nil
}

func (fs *fileSystem) newNode(mode uint32) *node {
	fs.lastID++
	n := &node{fs: fs, boot: fs.boot}
	now := time.Now()
	n.attr = fuse.Attr{Ino: fs.lastID, Mode: mode, Nlink: 1, Blksize: 4096}
	n.attr.SetTimes(&now, &now, &now)
	fs.nodes[n.id()] = n
	return n
}

// add gives a node a name in a directory.
func (n *node) add(name string, child *node) {
	n.entries[name] = child
	child.parent, child.name = n, name
}

// drop takes a name from its node, which is removed.
func (n *node) drop(name string) {
	child := n.entries[name]
	delete(n.entries, name)
	child.removed = true
	child.attr.Nlink = 0
	n.fs.forget(child)
}

// forget drops the contents of a node that is removed and closed, and the node once the kernel has forgotten it.
func (fs *fileSystem) forget(n *node) {
	if !n.removed && n.boot == fs.boot || n.pins > 0 {
		return
	}
	if n.boot == fs.boot && n.is(syscall.S_IFREG) {
		n.resize(0)
		n.dirty = nil
		delete(fs.dirty, n)
	}
	if n.lookups == 0 && fs.nodes[n.id()] == n {
		delete(fs.nodes, n.id())
	}
}

// node is the node of an id. The error is EIO for one of before a power loss.
func (fs *fileSystem) node(id uint64) (*node, syscall.Errno) {
	n := fs.nodes[id]
	if n == nil || n.boot != fs.boot {
		return nil, syscall.EIO
	}
	return n, 0
}

// openBelow opens a path of the directory below, which a mount over it does not hide.
func openBelow(dir string) (*os.File, string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	fd, err := unix.Open(abs, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, "", &os.PathError{Op: "open", Path: abs, Err: err}
	}
	return os.NewFile(uintptr(fd), abs), fmt.Sprintf("/proc/self/fd/%d", fd), nil
}

// errnoOf is what a program gets of an error below.
func errnoOf(err error) syscall.Errno {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return syscall.EIO
}

// inForce is a fault that is set, and what it has done.
type inForce struct {
	InForce
	random   *rand.Rand
	left     int   // how many Fail still has to fail, if it has a number
	capacity int64 // of Full: how many bytes the file system holds
	lifted   chan struct{}
}

// inOrder is the faults by their names, so that a seed does the same each time.
func (fs *fileSystem) inOrder() []*inForce {
	if len(fs.faults) == 0 {
		return nil
	}
	list := make([]*inForce, 0, len(fs.faults))
	for _, name := range slices.Sorted(maps.Keys(fs.faults)) {
		list = append(list, fs.faults[name])
	}
	return list
}

func (fs *fileSystem) readOnly() bool {
	return slices.ContainsFunc(fs.inOrder(), func(f *inForce) bool { return f.Fault.ReadOnly })
}

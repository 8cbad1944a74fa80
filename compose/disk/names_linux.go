package disk

import (
	"maps"
	"slices"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// The methods of this file answer the kernel's requests about names and attributes.
// It is told to remember nothing: after a power loss, all is different. What a program may do is
// decided by the kernel (default_permissions).

// String implements fuse.RawFileSystem.
func (fs *fileSystem) String() string { return "redis-chaos" }

// Init implements fuse.RawFileSystem.
func (fs *fileSystem) Init(*fuse.Server) {}

// OnUnmount implements fuse.RawFileSystem.
func (fs *fileSystem) OnUnmount() {}

// entry is the answer about a node that has been looked up.
func (n *node) entry(out *fuse.EntryOut) fuse.Status {
	n.lookups++
	out.NodeId = n.id()
	out.Attr = n.attr
	return fuse.OK
}

// dir is the directory of a request, and what has a name in it.
func (fs *fileSystem) dir(id uint64, name string) (dir, child *node, errno syscall.Errno) {
	dir, errno = fs.node(id)
	if errno != 0 {
		return nil, nil, errno
	}
	if dir.entries == nil {
		return nil, nil, syscall.ENOTDIR
	}
	return dir, dir.entries[name], 0
}

// Lookup implements fuse.RawFileSystem.
func (fs *fileSystem) Lookup(_ <-chan struct{}, header *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	_, n, errno := fs.dir(header.NodeId, name)
	if errno != 0 {
		return fuse.Status(errno)
	}
	if n == nil {
		return fuse.ENOENT
	}
	return n.entry(out)
}

// Forget implements fuse.RawFileSystem.
func (fs *fileSystem) Forget(id, lookups uint64) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if n := fs.nodes[id]; n != nil {
		n.lookups -= min(lookups, n.lookups)
		fs.forget(n)
	}
}

// GetAttr implements fuse.RawFileSystem.
func (fs *fileSystem) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return fuse.Status(errno)
	}
	out.Attr = n.attr
	return fuse.OK
}

// SetAttr implements fuse.RawFileSystem.
func (fs *fileSystem) SetAttr(cancel <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	size, resized := in.GetSize()
	if resized {
		if errno := fs.begin(requestOf(OpTruncate, true, cancel, &in.InHeader)); errno != 0 {
			return fuse.Status(errno)
		}
	} else {
		fs.mu.Lock()
	}
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return fuse.Status(errno)
	}
	if fs.readOnly() {
		return fuse.EROFS
	}
	n.emptied = n.emptied || resized && size == 0
	if resized { // to the size that it has, too: that size becomes durable, without the bytes
		n.truncate(int64(size))
		fs.recordTruncated(n, int64(size))
	}
	if n.setAttr(in) {
		fs.recordAttr(n)
	}
	out.Attr = n.attr
	return fuse.OK
}

// setAttr sets what a request says but the size, and says whether that is anything.
func (n *node) setAttr(in *fuse.SetAttrIn) bool {
	if in.Valid&(fuse.FATTR_MODE|fuse.FATTR_UID|fuse.FATTR_GID|fuse.FATTR_ATIME|fuse.FATTR_MTIME) == 0 {
		return false
	}
	n.touch(false)
	if mode, ok := in.GetMode(); ok {
		n.attr.Mode = n.attr.Mode&syscall.S_IFMT | mode
	}
	if uid, ok := in.GetUID(); ok {
		n.attr.Uid = uid
	}
	if gid, ok := in.GetGID(); ok {
		n.attr.Gid = gid
	}
	if t, ok := in.GetATime(); ok {
		n.attr.SetTimes(&t, nil, nil)
	}
	if t, ok := in.GetMTime(); ok {
		n.attr.SetTimes(nil, &t, nil)
	}
	return true
}

// make makes a node and gives it a name. The caller holds mu.
func (fs *fileSystem) make(header *fuse.InHeader, name string, mode uint32) (*node, syscall.Errno) {
	dir, taken, errno := fs.dir(header.NodeId, name)
	switch {
	case errno != 0:
		return nil, errno
	case taken != nil:
		return nil, syscall.EEXIST
	}
	n := fs.newNode(mode)
	n.attr.Owner = header.Caller.Owner
	if dir.attr.Mode&syscall.S_ISGID != 0 {
		n.attr.Gid = dir.attr.Gid
		if n.is(syscall.S_IFDIR) {
			n.attr.Mode |= syscall.S_ISGID
		}
	}
	if n.is(syscall.S_IFDIR) {
		n.entries = map[string]*node{}
	}
	dir.add(name, n)
	dir.touch(true)
	return n, 0
}

// Mknod implements fuse.RawFileSystem.
func (fs *fileSystem) Mknod(cancel <-chan struct{}, in *fuse.MknodIn, name string, out *fuse.EntryOut) fuse.Status {
	return fs.makeNamed(cancel, &in.InHeader, name, out, in.Mode, func(n *node) { n.attr.Rdev = in.Rdev })
}

// Mkdir implements fuse.RawFileSystem.
func (fs *fileSystem) Mkdir(cancel <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	return fs.makeNamed(cancel, &in.InHeader, name, out, syscall.S_IFDIR|in.Mode, func(*node) {})
}

// Symlink implements fuse.RawFileSystem.
func (fs *fileSystem) Symlink(cancel <-chan struct{}, header *fuse.InHeader, target, name string, out *fuse.EntryOut) fuse.Status {
	return fs.makeNamed(cancel, header, name, out, syscall.S_IFLNK|0o777, func(n *node) {
		n.target = target
		n.attr.Size = uint64(len(target))
	})
}

func (fs *fileSystem) makeNamed(cancel <-chan struct{}, header *fuse.InHeader, name string, out *fuse.EntryOut, mode uint32, finish func(*node)) fuse.Status {
	if errno := fs.begin(requestOf(OpOpen, true, cancel, header, name)); errno != 0 {
		return fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	n, errno := fs.make(header, name, mode)
	if errno != 0 {
		return fuse.Status(errno)
	}
	finish(n)
	fs.recordMade(n)
	return n.entry(out)
}

// Readlink implements fuse.RawFileSystem.
func (fs *fileSystem) Readlink(_ <-chan struct{}, header *fuse.InHeader) ([]byte, fuse.Status) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n, errno := fs.node(header.NodeId)
	if errno != 0 {
		return nil, fuse.Status(errno)
	}
	return []byte(n.target), fuse.OK
}

// Link implements fuse.RawFileSystem.
func (fs *fileSystem) Link(<-chan struct{}, *fuse.LinkIn, string, *fuse.EntryOut) fuse.Status {
	return fuse.EPERM // as link(2) has it for file systems without hard links
}

// Unlink implements fuse.RawFileSystem.
func (fs *fileSystem) Unlink(cancel <-chan struct{}, header *fuse.InHeader, name string) fuse.Status {
	return fs.remove(cancel, header, name)
}

// Rmdir implements fuse.RawFileSystem.
func (fs *fileSystem) Rmdir(cancel <-chan struct{}, header *fuse.InHeader, name string) fuse.Status {
	return fs.remove(cancel, header, name)
}

func (fs *fileSystem) remove(cancel <-chan struct{}, header *fuse.InHeader, name string) fuse.Status {
	if errno := fs.begin(requestOf(OpRemove, true, cancel, header, name)); errno != 0 {
		return fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	dir, n, errno := fs.dir(header.NodeId, name)
	switch {
	case errno != 0:
		return fuse.Status(errno)
	case n == nil:
		return fuse.ENOENT
	case len(n.entries) > 0:
		return fuse.Status(syscall.ENOTEMPTY)
	}
	fs.recordRemoved(n)
	dir.drop(name)
	dir.touch(true)
	return fuse.OK
}

// Rename implements fuse.RawFileSystem.
func (fs *fileSystem) Rename(cancel <-chan struct{}, in *fuse.RenameIn, oldName, newName string) fuse.Status {
	if in.Flags&^unix.RENAME_NOREPLACE != 0 {
		return fuse.EINVAL
	}
	r := requestOf(OpRename, true, cancel, &in.InHeader, oldName)
	r.on = append(r.on, object{in.Newdir, newName})
	if errno := fs.begin(r); errno != 0 {
		return fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	from, n, errno := fs.dir(in.NodeId, oldName)
	if errno != 0 {
		return fuse.Status(errno)
	}
	to, replaced, errno := fs.dir(in.Newdir, newName)
	switch {
	case errno != 0:
		return fuse.Status(errno)
	case n == nil:
		return fuse.ENOENT
	case n == replaced:
		return fuse.OK
	case replaced != nil && in.Flags&unix.RENAME_NOREPLACE != 0:
		return fuse.Status(syscall.EEXIST)
	case replaced != nil && len(replaced.entries) > 0:
		return fuse.Status(syscall.ENOTEMPTY)
	}
	fs.recordRenamed(n, &place{to, newName}, replaced)
	if replaced != nil {
		to.drop(newName)
	}
	delete(from.entries, oldName)
	to.add(newName, n)
	from.touch(true)
	to.touch(true)
	n.touch(false)
	return fuse.OK
}

// OpenDir implements fuse.RawFileSystem.
func (fs *fileSystem) OpenDir(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return fuse.Status(errno)
	}
	return fuse.Status(fs.openHandle(n, out))
}

// ReadDir implements fuse.RawFileSystem.
func (fs *fileSystem) ReadDir(_ <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	h := fs.handles[in.Fh]
	if h == nil || h.node.boot != fs.boot {
		return fuse.EIO
	}
	if in.Offset == 0 {
		h.listing = h.node.list()
	}
	for _, entry := range h.listing[min(in.Offset, uint64(len(h.listing))):] {
		if !out.AddDirEntry(entry) {
			break
		}
	}
	return fuse.OK
}

func (n *node) list() []fuse.DirEntry {
	parent := n.parent
	if parent == nil {
		parent = n
	}
	listing := []fuse.DirEntry{
		{Name: ".", Ino: n.id(), Mode: n.attr.Mode},
		{Name: "..", Ino: parent.id(), Mode: parent.attr.Mode},
	}
	for _, name := range slices.Sorted(maps.Keys(n.entries)) {
		child := n.entries[name]
		listing = append(listing, fuse.DirEntry{Name: name, Ino: child.id(), Mode: child.attr.Mode})
	}
	return listing
}

// ReleaseDir implements fuse.RawFileSystem.
func (fs *fileSystem) ReleaseDir(in *fuse.ReleaseIn) { fs.closeHandle(in.Fh) }

// StatFs implements fuse.RawFileSystem.
func (fs *fileSystem) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	var s syscall.Statfs_t
	if err := syscall.Statfs(fs.base, &s); err != nil {
		return fuse.ToStatus(err)
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if room, by := fs.room(); by != nil {
		s.Bavail = min(s.Bavail, uint64(room)/uint64(s.Bsize))
		s.Bfree = min(s.Bfree, s.Bavail)
	}
	out.FromStatfsT(&s)
	return fuse.OK
}

// openHandle opens a node. The caller holds mu.
func (fs *fileSystem) openHandle(n *node, out *fuse.OpenOut) syscall.Errno {
	if err := n.pin(); err != nil {
		return errnoOf(err)
	}
	fs.lastFh++
	fs.handles[fs.lastFh] = &handle{node: n}
	out.Fh = fs.lastFh
	return 0
}

func (fs *fileSystem) closeHandle(fh uint64) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	h := fs.handles[fh]
	if h == nil {
		return
	}
	delete(fs.handles, fh)
	if n := h.node; n.boot == fs.boot && n.emptied {
		n.emptied = false
		fs.recordWritten(n)
	}
	h.node.unpin()
}

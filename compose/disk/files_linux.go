package disk

import (
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// The methods of this file answer the kernel's requests about contents. It keeps
// pages that were read or written, and sends each write on at once.

// Create implements fuse.RawFileSystem.
func (fs *fileSystem) Create(cancel <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	if errno := fs.begin(requestOf(OpOpen, true, cancel, &in.InHeader, name)); errno != 0 {
		return fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	n, errno := fs.make(&in.InHeader, name, syscall.S_IFREG|in.Mode&^syscall.S_IFMT)
	if errno != 0 {
		return fuse.Status(errno)
	}
	fs.recordMade(n)
	n.entry(&out.EntryOut)
	return fuse.Status(fs.openHandle(n, &out.OpenOut))
}

// Open implements fuse.RawFileSystem.
func (fs *fileSystem) Open(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	writes := in.Flags&syscall.O_ACCMODE != syscall.O_RDONLY
	if errno := fs.begin(requestOf(OpOpen, writes, cancel, &in.InHeader)); errno != 0 {
		return fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return fuse.Status(errno)
	}
	return fuse.Status(fs.openHandle(n, out))
}

// Read implements fuse.RawFileSystem.
func (fs *fileSystem) Read(cancel <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	if errno := fs.begin(requestOf(OpRead, false, cancel, &in.InHeader)); errno != 0 {
		return nil, fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return nil, fuse.Status(errno)
	}
	read, err := n.read(buf[:min(uint32(len(buf)), in.Size)], int64(in.Offset))
	if err != nil {
		return nil, fuse.Status(errnoOf(err))
	}
	return fuse.ReadResultData(buf[:read]), fuse.OK
}

// writeCache is FUSE_WRITE_CACHE: the kernel writes back a page of a shared mapping.
const writeCache = 1 << 0

// Writev implements fuse.RawFileSystem.
func (fs *fileSystem) Writev(<-chan struct{}, *fuse.WriteIn, [][]byte) (uint32, fuse.Status) {
	return 0, fuse.ENOSYS
}

// Write implements fuse.RawFileSystem.
func (fs *fileSystem) Write(cancel <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	if in.WriteFlags&writeCache != 0 {
		// Nobody waits for it but the end of a process, which a frozen disk must not hold.
		fs.mu.Lock()
		fs.counts[OpWrite].Calls++
	} else if errno := fs.begin(requestOf(OpWrite, true, cancel, &in.InHeader)); errno != 0 {
		return 0, fuse.Status(errno)
	}
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return 0, fuse.Status(errno)
	}
	data, errno = fs.cutToRoom(n, data, int64(in.Offset))
	if errno != 0 {
		return 0, fuse.Status(errno)
	}
	n.write(data, int64(in.Offset))
	if fs.tooDirty() {
		select {
		case fs.overdue <- struct{}{}:
		default: // it has been woken
		}
	}
	return uint32(len(data)), fuse.OK
}

// cutToRoom is as much of a write as there is room for. The error is ENOSPC if that is nothing.
func (fs *fileSystem) cutToRoom(n *node, data []byte, off int64) ([]byte, syscall.Errno) {
	room, by := fs.room()
	end := off + int64(len(data))
	if by == nil || end <= n.size() || end-n.size() <= room {
		return data, 0
	}
	by.Failed++
	fs.counts[OpWrite].Failed++
	fits := n.size() + room - off
	if fits <= 0 {
		return nil, syscall.ENOSPC
	}
	return data[:fits], 0
}

// Flush implements fuse.RawFileSystem. Closing a file has nothing to wait for, and with
// this answer the kernel does not ask again.
func (fs *fileSystem) Flush(<-chan struct{}, *fuse.FlushIn) fuse.Status { return fuse.ENOSYS }

// Release implements fuse.RawFileSystem.
func (fs *fileSystem) Release(_ <-chan struct{}, in *fuse.ReleaseIn) { fs.closeHandle(in.Fh) }

// Fsync implements fuse.RawFileSystem.
func (fs *fileSystem) Fsync(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	r := requestOf(OpFsync, false, cancel, &in.InHeader)
	if errno := fs.begin(r); errno != 0 {
		return fuse.Status(errno)
	}
	for { // durability is locked first; what came in between is looked at again
		fs.mu.Unlock()
		fs.durability.Lock()
		fs.mu.Lock()
		if fs.frozen == nil {
			break
		}
		fs.durability.Unlock()
		if !fs.awaitThaw(r) {
			fs.mu.Unlock()
			return fuse.EINTR
		}
	}
	defer fs.durability.Unlock()
	defer fs.mu.Unlock()
	n, errno := fs.node(in.NodeId)
	if errno != 0 {
		return fuse.Status(errno)
	}
	if fs.readOnly() && (len(n.dirty) > 0 || fs.concerns(n)) {
		fs.counts[OpFsync].Failed++
		return fuse.EROFS
	}
	if err := fs.fsync(n); err != nil {
		return fuse.Status(errnoOf(err))
	}
	return fuse.OK
}

// FsyncDir implements fuse.RawFileSystem.
func (fs *fileSystem) FsyncDir(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return fs.Fsync(cancel, in)
}

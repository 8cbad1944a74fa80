// Package disk is a file system over a directory that can lose power, fill up, fail
// and be slow while it is mounted (FUSE, Linux, root). It passes files through to
// the directory, and knows nothing of the programs that use them.
//
// # What a power loss takes
//
// The directory below holds what is durable, and nothing else: what a machine
// would find after a loss of power. All that is not durable is kept in memory,
// and LosePower drops it. The method is that of lazyfs (Ramos et al., "When Amnesia
// Strikes: Understanding and Reproducing Data Loss Bugs with Fault Injection",
// VLDB 2024, https://doi.org/10.14778/3681954.3681980), which keeps the contents of
// files only; here names, sizes and attributes are lost, too. The model is that
// of ext4 with its defaults, data=ordered, delayed allocation and auto_da_alloc
// (https://docs.kernel.org/admin-guide/ext4.html):
//
//   - Bytes written become durable by fsync or fdatasync of their file (O_SYNC and
//     O_DSYNC included), or by writeback where it is set. With them a file grows:
//     of a file that was appended to and not synced, the old size remains.
//   - Creating, renaming and removing, truncating and changing attributes go to one
//     journal, in order. It becomes durable as a whole: by fsync of any file or
//     directory that has bytes or a change that are not durable, or by Commit of
//     Writeback. So a file created and not synced may be there, and empty, and
//     what fsync of one file promises of names is more than POSIX does: "fsync does
//     not necessarily ensure that the entry in the directory has also reached disk"
//     (fsync(2)).
//   - A file that is renamed over another, or closed after it was truncated to
//     nothing, has its bytes written before that change becomes durable: after the
//     power loss the name holds the old file or the whole new one. ext4 may have zeros in it.
//   - Within the last block of a file, ext4 may have the new size without the bytes, which are zeros
//     then: another file's fsync makes that size durable. Here the size goes with the bytes.
//   - fdatasync does what fsync does.
//   - A torn write (Tear) leaves a prefix of the journal, and of each file a prefix of its
//     bytes that were not durable, in order of their offsets, cut at any byte. A file
//     with a truncation that is lost loses all of them.
//
// An fsync here syncs the file below, too: it takes what it takes there.
//
// A process that is killed (kill -9) while it serves a disk loses what LosePower would. If
// it was applying the journal, a part of that may be there, in order; the kernel's is atomic.
//
// # Order of a power loss
//
// Freeze, kill the programs that use the disk, LosePower, start them again. From
// Freeze on nothing becomes durable: what is being synced is finished first, and each
// operation after that waits, so that nobody acknowledges what is going to be lost. A process
// that is killed stops waiting. LosePower freezes by itself what was not frozen; then
// programs that live on get EIO from all that they had open, and see the durable files
// when they open them anew.
//
// # Use
//
// Mount serves a disk in this process. Serve does so in another one, driven by its stdin,
// and Client is its counterpart; MountElsewhere starts one. A helper container that shares the process ids of the
// programs can tell those that are killed from those that got a signal (else
// a signal ends an operation that waits with EINTR).
//
// This process must not start another one in a directory of a disk that it serves itself
// (exec.Cmd.Dir), nor with a program, or an open file, on it: between fork and exec a
// thread of Go's waits for the child, which waits for this process. Start it
// elsewhere and have it change its directory (redis-server --dir). Nor can it be killed while it
// looks at one.
//
// While it is mounted, the directory below is the disk's alone. A mount point may be the directory
// itself. Not supported: hard links and extended attributes (EPERM, ENOTSUP), and
// fallocate (EOPNOTSUPP). Shared mappings can be written: their pages arrive as writes, when
// Linux writes them back or msync asks for it. What is not durable is in memory: a program that never
// syncs, on a disk without writeback, is kept there whole.
package disk

import (
	"context"
	"errors"
	"log/slog"
)

// Type is the type of these file systems in /proc/self/mountinfo.
const Type = "fuse.redis-chaos"

// Disk is a mounted file system. Its methods may be called at any time, and at once.
type Disk interface {
	// Set puts a fault in force under a name, instead of what was set under it. What is
	// in force already goes on as it was.
	Set(ctx context.Context, name string, f Fault) error
	// Lift ends a fault: operations that it holds go on. It is no error if there is none.
	Lift(ctx context.Context, name string) error
	// SetWriteback sets what becomes durable without being asked to.
	SetWriteback(ctx context.Context, w Writeback) error

	// Sync makes everything durable.
	Sync(ctx context.Context) error
	// Freeze lets nothing become durable any more, and operations wait. Once it returns,
	// nothing that had not been acknowledged by then is durable but what was being
	// synced. Freezing what is frozen is no error.
	Freeze(ctx context.Context) error
	// Thaw lets everything go on after Freeze. It is no error if nothing is frozen.
	Thaw(ctx context.Context) error
	// LosePower drops what is not durable, and ends Freeze.
	LosePower(ctx context.Context, tear Tear) (Loss, error)

	State(ctx context.Context) (State, error)
	// Unmount makes everything durable, unless the disk is frozen, and unmounts it. If files are
	// open, their programs get errors from then on. Unmounting again is no error.
	Unmount(ctx context.Context) error
}

// Options say what is mounted where.
type Options struct {
	Below string       `json:"below"` // the directory that holds what is durable
	At    string       `json:"at"`    // the mount point, a directory that exists; Below itself, too
	Log   *slog.Logger `json:"-"`     // of what the FUSE library cannot do; nil drops it

	Writeback Writeback `json:"writeback"`
}

// Tear makes a power loss leave a part of what was not durable: which one, the seed decides. The
// zero value leaves nothing.
type Tear struct {
	Torn bool   `json:"torn,omitempty"`
	Seed uint64 `json:"seed,omitempty"`
}

// errUnmounted is the error of using what is no longer mounted.
var errUnmounted = errors.New("the disk is not mounted")

// Mounted is a disk that some process has mounted.
type Mounted struct {
	Below string
	At    string
	Dead  bool // its process has ended: whoever uses it gets ENOTCONN
}

package disk

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"time"
)

// Op is a kind of operation on files. What has no kind (looking names up, reading
// attributes and directories) has no faults.
type Op string

// The operations. Creating a file, a directory or a link is OpOpen; setting a size is
// OpTruncate.
const (
	OpOpen     Op = "open"
	OpRead     Op = "read"
	OpWrite    Op = "write"
	OpFsync    Op = "fsync" // fdatasync, and fsync of a directory, too
	OpRename   Op = "rename"
	OpRemove   Op = "remove"
	OpTruncate Op = "truncate"
)

var ops = []Op{OpOpen, OpRead, OpWrite, OpFsync, OpRename, OpRemove, OpTruncate}

// Fault is what goes wrong while it is in force: all that is set of it.
type Fault struct {
	Full     *Full `json:"full,omitempty"`
	ReadOnly bool  `json:"read_only,omitempty"` // EROFS for whatever changes anything, and for fsync of what is not durable
	Fail     *Fail `json:"fail,omitempty"`
	Slow     *Slow `json:"slow,omitempty"`
}

// Full lets files grow by no more than some bytes in all from when it is set;
// removing files makes room. A write that needs more is cut short, and one that
// finds no room at all gets ENOSPC. Overwriting and creating files goes on, as it
// does on a file system that has free inodes.
type Full struct {
	Bytes int64 `json:"bytes"`
}

// Match picks operations.
type Match struct {
	Ops []Op `json:"ops"`
	// Names are patterns as path.Match has them, for paths relative to the mount
	// point ("nodes.conf", "appendonlydir/*"; the mount point itself is "."). A
	// rename matches by either name. None means every name.
	Names []string `json:"names,omitempty"`
}

// Fail gives EIO to operations, which then are not done. What an fsync that
// failed did not write remains to be written by the next one; Linux drops such
// data on most file systems (Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020), but then its disks have failed for real.
type Fail struct {
	Match
	Next int `json:"next,omitempty"` // the next so many fail; 0 is no limit
	// Probability is that of each to fail, of (0, 1]. 0 means 1.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"` // the same seed fails the same ones of a sequence of operations
}

// Slow holds operations before they are done, for Delay plus or minus up to
// Jitter, uniformly. Linux holds writes to a file while an fsync of it is going on.
type Slow struct {
	Match
	Delay  time.Duration `json:"delay"` // in nanoseconds, as is Jitter
	Jitter time.Duration `json:"jitter,omitempty"`
	Seed   uint64        `json:"seed,omitempty"`
}

// Check is the error of a fault that cannot be set.
func (f Fault) Check() error {
	if f == (Fault{}) {
		return errors.New("the fault is empty: set full, read_only, fail or slow")
	}
	if f.Full != nil && f.Full.Bytes < 0 {
		return fmt.Errorf("full: %d bytes: need 0 or more", f.Full.Bytes)
	}
	if f.Fail != nil {
		if err := f.Fail.Match.check(); err != nil {
			return fmt.Errorf("fail: %w", err)
		}
		if f.Fail.Next < 0 || f.Fail.Probability < 0 || f.Fail.Probability > 1 {
			return fmt.Errorf("fail: next %d, probability %g: need 0 or more, and 0 to 1", f.Fail.Next, f.Fail.Probability)
		}
	}
	if f.Slow != nil {
		if err := f.Slow.Match.check(); err != nil {
			return fmt.Errorf("slow: %w", err)
		}
		if f.Slow.Delay < 0 || f.Slow.Jitter < 0 || f.Slow.Delay+f.Slow.Jitter <= 0 {
			return fmt.Errorf("slow: delay %s, jitter %s: need 0 or more, and one of them above 0", f.Slow.Delay, f.Slow.Jitter)
		}
	}
	return nil
}

func (m Match) check() error {
	if len(m.Ops) == 0 {
		return fmt.Errorf("no operation: name some of %v", ops)
	}
	for _, op := range m.Ops {
		if !slices.Contains(ops, op) {
			return fmt.Errorf("no operation is called %q: there are %v", op, ops)
		}
	}
	for _, pattern := range m.Names {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("pattern %q: %w", pattern, err)
		}
	}
	return nil
}

//go:build !linux

package disk

import (
	"errors"
	"fmt"
	"runtime"
)

// Mount is not possible here: the mount, and what is told of it, is Linux's.
func Mount(Options) (Disk, error) {
	return nil, fmt.Errorf("mounting a disk on %s: %w: it takes Linux, with FUSE", runtime.GOOS, errors.ErrUnsupported)
}

// Find finds none here.
func Find() ([]Mounted, error) { return nil, nil }

// Remove has nothing to remove here.
func Remove(string) error { return nil }

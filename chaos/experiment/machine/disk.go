package machine

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"
)

// diskLeft is how many bytes a folder, or the nearest one above it that is there, has left for this user.
func diskLeft(folder string) (float64, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return 0, err
	}
	for {
		var fsys syscall.Statfs_t
		err := syscall.Statfs(folder, &fsys)
		if err == nil {
			return float64(fsys.Bavail) * float64(fsys.Bsize), nil
		}
		if above := filepath.Dir(folder); errors.Is(err, fs.ErrNotExist) && above != folder {
			folder = above
			continue
		}
		return 0, &fs.PathError{Op: "asking for the room in", Path: folder, Err: err}
	}
}

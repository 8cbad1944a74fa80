package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Find lists the disks of all processes that are mounted in this mount namespace.
func Find() ([]Mounted, error) {
	info, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("finding disks: %w", err)
	}
	list := parseMounts(string(info))
	for i := range list {
		var s unix.Statfs_t
		list[i].Dead = errors.Is(unix.Statfs(list[i].At, &s), unix.ENOTCONN)
	}
	return list, nil
}

// parseMounts reads what proc(5) says of /proc/pid/mountinfo.
func parseMounts(info string) []Mounted {
	var list []Mounted
	for line := range strings.Lines(info) {
		left, right, ok := strings.Cut(line, " - ")
		of, by := strings.Fields(left), strings.Fields(right)
		if ok && len(of) > 4 && len(by) > 1 && by[0] == Type {
			list = append(list, Mounted{Below: unescape(by[1]), At: unescape(of[4])})
		}
	}
	return list
}

// unescape undoes the kernel's escapes of spaces and the like, which are octal: \040.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Remove unmounts the disks that are mounted at a directory, and nothing else, whether their
// process lives or not. It is for those whose process was killed: of another one, what is not
// durable is lost. Removing what is not there is no error.
func Remove(at string) error {
	if err := removeAt(at); err != nil {
		return fmt.Errorf("removing the disk at %s: %w", at, err)
	}
	return nil
}

func removeAt(at string) error {
	abs, err := filepath.Abs(at)
	if err != nil {
		return err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs)) // not of the mount point: a dead one cannot be looked at
	if err != nil {
		return err
	}
	return unmount(filepath.Join(dir, filepath.Base(abs)))
}

// unmount unmounts disks at a directory until there is none. The path has no symbolic links, as
// the kernel lists none. If a program uses one, that gets errors.
func unmount(at string) error {
	for {
		info, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			return err
		}
		found := false
		for _, m := range parseMounts(string(info)) {
			found = found || m.At == at
		}
		if !found {
			return nil
		}
		err = unix.Unmount(at, unix.UMOUNT_NOFOLLOW)
		if err != nil && !errors.Is(err, unix.EINVAL) {
			err = unix.Unmount(at, unix.UMOUNT_NOFOLLOW|unix.MNT_FORCE|unix.MNT_DETACH)
		}
		if err != nil {
			return &os.PathError{Op: "umount", Path: at, Err: err}
		}
	}
}

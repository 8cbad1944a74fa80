package journaltest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// again starts this program again, if it is root's, in a mount namespace in which the journal is an empty one, but for
// the subnets: root's is in /run, whatever its environment says. Then it returns only if it fails.
func again(folder, subnets, own string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	// The namespace is this thread's, and exec goes on with this thread alone.
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("making a mount namespace: %w", err)
	}
	for _, mount := range []struct {
		source, target, fstype string
		flags                  uintptr
	}{
		{"", "/", "", syscall.MS_REC | syscall.MS_PRIVATE},
		{"tmpfs", own, "tmpfs", 0},
		{subnets, filepath.Join(own, "subnets"), "", syscall.MS_BIND},
		{own, folder, "", syscall.MS_MOVE},
	} {
		if mount.source == subnets {
			if err := os.Mkdir(mount.target, 0o755); err != nil {
				return err
			}
		}
		if err := syscall.Mount(mount.source, mount.target, mount.fstype, mount.flags, ""); err != nil {
			return fmt.Errorf("mounting %s on %s: %w", mount.source, mount.target, err)
		}
	}
	if err := os.Remove(own); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, append(os.Environ(), apartEnv+"=1"))
}

package netns

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/local/thread"
)

// Try does once all that Make needs, calls inside in a namespace that nobody else sees, and tells
// what failed. The thread that this happens on ends, and with it all that was made.
func Try(inside func() error) error {
	return thread.Run(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("making a network namespace: %w", err)
		}
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return fmt.Errorf("setting up mounts: %w", err)
		}
		// Onto any file; no other thread sees this mount.
		if err := unix.Mount("/proc/thread-self/ns/net", "/dev/null", "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("naming a network namespace: %w", err)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("making the folder of network namespaces: %w", err)
		}
		if err := unix.Access(folder, unix.W_OK); err != nil {
			return fmt.Errorf("writing to %s: %w", folder, err)
		}
		return inside()
	})
}

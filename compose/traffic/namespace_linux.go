package traffic

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

const threadNamespace = "/proc/thread-self/ns/net"

// namespace is one of the network.
type namespace struct {
	file *os.File
	id   unix.Stat_t
}

// openNamespace is of the current thread if path is "".
func openNamespace(path string) (*namespace, error) {
	if path == "" {
		path = threadNamespace
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a network namespace: %w", err)
	}
	n := &namespace{file: f}
	if err := unix.Fstat(int(f.Fd()), &n.id); err != nil {
		f.Close()
		return nil, fmt.Errorf("opening the network namespace %s: %w", path, err)
	}
	return n, nil
}

func (n *namespace) close() { n.file.Close() }

// inside calls do on a thread that is in the namespace. What sockets do is of the namespace that
// they were made in. A thread that is in it already is not moved, as that takes CAP_SYS_ADMIN.
func (n *namespace) inside(do func() error) error {
	runtime.LockOSThread()
	before, err := openNamespace("")
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer before.close()
	if before.id.Dev == n.id.Dev && before.id.Ino == n.id.Ino {
		defer runtime.UnlockOSThread()
		return do()
	}
	if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("entering the network namespace %s: %w", n.file.Name(), err)
	}
	err = do()
	if back := unix.Setns(int(before.file.Fd()), unix.CLONE_NEWNET); back != nil {
		// The thread stays locked, so that no other goroutine runs on it.
		return fmt.Errorf("leaving the network namespace %s: %w", n.file.Name(), back)
	}
	runtime.UnlockOSThread()
	return err
}

// explained says what an error of the kernel's means for something that was tried.
func explained(what string, err error) error {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%s: this takes root, or CAP_NET_ADMIN and CAP_NET_RAW in the namespace: %w", what, err)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EAFNOSUPPORT):
		return fmt.Errorf("%s: this kernel has none: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

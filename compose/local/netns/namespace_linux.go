// Package netns owns the network namespaces that have names, as ip-netns(8) has them: they are made,
// entered, configured by netlink and removed here. What is in them is for others to say.
package netns

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/local/thread"
)

// folder is where named network namespaces are mounted, as ip-netns(8) has it.
const folder = "/run/netns"

// Namespace is a named network namespace that is held open.
type Namespace struct {
	handle netns.NsHandle
}

// Make makes a namespace, with settings of files in /proc/sys/net; those that the kernel does not
// have are left out.
func Make(name string, settings map[string]string) (*Namespace, error) {
	n := &Namespace{}
	err := thread.Run(func() (err error) {
		if n.handle, err = netns.NewNamed(name); err != nil {
			return fmt.Errorf("making the network namespace %s: %w", name, err)
		}
		for file, value := range settings {
			err := os.WriteFile(filepath.Join("/proc/sys/net", file), []byte(value), 0)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				n.handle.Close()
				return fmt.Errorf("setting up the network namespace %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Netlink opens netlink in the namespace.
func (n *Namespace) Netlink() (*netlink.Handle, error) {
	return netlink.NewHandleAt(n.handle, unix.NETLINK_ROUTE)
}

// Fd is its file descriptor, by which links are made in it, and moved to it.
func (n *Namespace) Fd() netlink.NsFd { return netlink.NsFd(n.handle) }

// Close lets go of the namespace, which stays under its name.
func (n *Namespace) Close() error { return n.handle.Close() }

// Enter puts the calling thread, which should be one of thread.Run, into a namespace.
func Enter(name string) error {
	ns, err := netns.GetFromPath(filepath.Join(folder, name))
	if err != nil {
		return fmt.Errorf("opening the network namespace: %w", err)
	}
	defer ns.Close()
	return netns.Set(ns)
}

// Exists tells whether the name of a namespace is taken.
func Exists(name string) bool {
	_, err := os.Lstat(filepath.Join(folder, name))
	return err == nil
}

// Remove removes a namespace, with all that is in it; that there is none is fine.
func Remove(name string) error {
	if !Exists(name) { // also for users who may unmount nothing
		return nil
	}
	file := filepath.Join(folder, name)
	err := unix.Unmount(file, unix.MNT_DETACH)
	// Its owner may have been killed before it mounted the namespace there.
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("removing the network namespace %s: %w", name, err)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the network namespace %s: %w", name, err)
	}
	return nil
}

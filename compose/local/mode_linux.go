package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// tryIsolation does once all that isolated mode needs, on a thread whose
// namespaces vanish with it, and tells what failed.
func tryIsolation() error {
	err := onThread(func() error {
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
		if err := os.MkdirAll(namespaces, 0o755); err != nil {
			return fmt.Errorf("making the folder of network namespaces: %w", err)
		}
		if err := unix.Access(namespaces, unix.W_OK); err != nil {
			return fmt.Errorf("writing to %s: %w", namespaces, err)
		}
		links, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return fmt.Errorf("opening netlink: %w", err)
		}
		defer links.Close()
		if err := links.LinkAdd(&netlink.Bridge{LinkAttrs: linkAttrs("bridge")}); err != nil {
			return fmt.Errorf("making a bridge: %w", err)
		}
		if err := links.LinkAdd(&netlink.Veth{LinkAttrs: linkAttrs("veth"), PeerName: "peer"}); err != nil {
			return fmt.Errorf("making a veth pair: %w", err)
		}
		return nil
	})
	return explainPermission(err)
}

// explainPermission adds what the user can do about a missing permission.
func explainPermission(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN; unprivileged mode needs neither", err)
	}
	return err
}

func linkAttrs(name string) netlink.LinkAttrs {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	return attrs
}

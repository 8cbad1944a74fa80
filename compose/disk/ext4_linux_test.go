package disk

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What a disk has after a power loss is what ext4 has. Its power loss is the ioctl EXT4_IOC_SHUTDOWN,
// which drops what is in memory, and the journal that is not committed.
func TestPowerLossOfExt4(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount")
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skipf("needs mkfs.ext4: %v", err)
	}
	for _, row := range powerLosses() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			image, at := filepath.Join(t.TempDir(), "image"), t.TempDir()
			must(t, os.WriteFile(image, nil, 0o600))
			must(t, os.Truncate(image, 16<<20))
			run(t, "mkfs.ext4", "-q", image)
			// A commit of its own, before the power loss, would be a different story.
			mount := func() { run(t, "mount", "-o", "loop,commit=300", image, at) }
			mount()
			t.Cleanup(func() { unix.Unmount(at, unix.MNT_DETACH) })
			must(t, os.Remove(filepath.Join(at, "lost+found")))
			onRoot(t, at, unix.Syncfs)
			t.Run("programs", func(t *testing.T) { // whose files are closed at its end
				row.do(programs{t: t, dir: at})
				onRoot(t, at, func(fd int) error { return unix.IoctlSetPointerInt(fd, shutdown, noLogFlush) })
			})
			must(t, unix.Unmount(at, 0))
			mount()
			holds(t, at, row.left)
		})
	}
}

const (
	shutdown   = 0x8004587d // EXT4_IOC_SHUTDOWN
	noLogFlush = 2          // EXT4_GOING_FLAGS_NOLOGFLUSH
)

// onRoot does something with the root directory of a mount.
func onRoot(t *testing.T, at string, do func(fd int) error) {
	t.Helper()
	f, err := os.Open(at)
	must(t, err)
	defer f.Close()
	must(t, do(int(f.Fd())))
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

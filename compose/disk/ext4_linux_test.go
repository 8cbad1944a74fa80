package disk

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What a disk has after a power loss is what ext4 has.
func TestPowerLossOfExt4(t *testing.T) {
	for _, row := range powerLosses() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			e := newExt4(t)
			e.losePower(func(t *testing.T) { row.do(programs{t: t, dir: e.at}) })
			sameButZeros(t, row.left, contents(t, e.at))
		})
	}
}

// sameButZeros compares what is left on a disk with what is left on ext4, which has zeros where it was writing: what
// auto_da_alloc writes has its size in the journal before its bytes are on the disk (dioread_nolock).
func sameButZeros(t *testing.T, disk, ext4 map[string]string) {
	t.Helper()
	for name, want := range ext4 {
		got, ok := disk[name]
		same := ok && len(got) == len(want)
		for i := 0; same && i < len(want); i++ {
			same = got[i] == want[i] || want[i] == 0
		}
		if !same {
			t.Errorf("%s is %s, and %s on ext4", name, summary(got), summary(want))
		}
	}
	for name := range disk {
		if _, ok := ext4[name]; !ok {
			t.Errorf("%s is not on ext4", name)
		}
	}
}

// ext4 is a file system of this kernel's, in a file. Its power loss is the ioctl EXT4_IOC_SHUTDOWN,
// which drops what is in memory, and the journal that is not committed.
type ext4 struct {
	t         *testing.T
	image, at string
}

func newExt4(t *testing.T) *ext4 {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount")
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skipf("needs mkfs.ext4: %v", err)
	}
	e := &ext4{t, filepath.Join(t.TempDir(), "image"), t.TempDir()}
	must(t, os.WriteFile(e.image, nil, 0o600))
	must(t, os.Truncate(e.image, 16<<20))
	run(t, "mkfs.ext4", "-q", "-b", "4096", e.image)
	e.mount()
	t.Cleanup(func() { unix.Unmount(e.at, unix.MNT_DETACH) })
	must(t, os.Remove(filepath.Join(e.at, "lost+found")))
	onRoot(t, e.at, unix.Syncfs)
	return e
}

func (e *ext4) mount() {
	run(e.t, "mount", "-o", "loop,noatime,commit=300", e.image, e.at) // no commit is due before the test is over
}

// losePower has programs do something, whose files are closed at the end of their test, which is
// after the power is lost.
func (e *ext4) losePower(programs func(t *testing.T)) {
	e.t.Helper()
	e.t.Run("programs", func(t *testing.T) {
		programs(t)
		onRoot(t, e.at, func(fd int) error { return unix.IoctlSetPointerInt(fd, shutdown, noLogFlush) })
	})
	waitFor(e.t, func() bool { return unix.Unmount(e.at, 0) == nil }) // a child between fork and exec has what is open here
	e.mount()
	if _, err := os.Stat(filepath.Join(e.at, "lost+found")); err == nil {
		must(e.t, os.Remove(filepath.Join(e.at, "lost+found")))
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

package disk

import (
	"fmt"
	"math/rand/v2"
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

// So it is whatever programs do, in whole blocks: within one, ext4 may have the new size without the bytes.
func TestRandomPowerLossOfExt4(t *testing.T) {
	for seed := range uint64(ext4Seeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			e := newExt4(t)
			o := folders(t)
			d := serveHere(t, o)
			r := rand.New(rand.NewPCG(seed, 0))
			var done []op
			for range 20 + r.IntN(100) {
				done = append(done, randomOp(r, true))
			}
			var did strings.Builder
			e.losePower(func(t *testing.T) {
				onDisk, onExt4 := &files{dir: o.At}, &files{dir: e.at}
				t.Cleanup(onDisk.close)
				t.Cleanup(onExt4.close)
				for _, op := range done {
					got, want := op.do(onDisk), op.do(onExt4)
					fmt.Fprintf(&did, "%s: %.20s\n", op.what, want)
					if got != want {
						t.Fatalf("%s: %s, and %s on ext4", op.what, got, want)
					}
				}
			})
			lost, err := d.LosePower(t.Context(), Tear{})
			must(t, err)
			t.Logf("lost %d bytes of %d files, and %d changes; %d names are left", lost.Bytes, len(lost.Files), len(lost.Changes), len(tree(t, o.Below)))
			sameButZeros(t, tree(t, o.Below), tree(t, e.at))
			if t.Failed() {
				t.Log(did.String())
			}
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

// ext4Seeds is how many random sequences of operations are put to both. Of 300, 3 differ in the contents of
// one file, which ext4 wrote at the time of a rename or a close, and was written to again.
const ext4Seeds = 30

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

package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Whatever programs do, they see what they would on a plain directory, and after
// unmounting that is what the directory below holds.
func TestMirrorsPlainDirectory(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			o := folders(t)
			if seed%2 == 1 {
				o.Writeback = Writeback{Expire: 4 * time.Millisecond, Commit: 2 * time.Millisecond, MaxDirty: 1 << 16}
			}
			must(t, os.WriteFile(filepath.Join(o.Below, "before"), bytes.Repeat([]byte("b"), 5000), 0o600))
			plain := t.TempDir()
			must(t, os.CopyFS(plain, os.DirFS(o.Below)))
			d := serveHere(t, o)
			r := rand.New(rand.NewPCG(seed, 0))
			onDisk, onPlain := &files{dir: o.At}, &files{dir: plain}
			defer onDisk.close()
			defer onPlain.close()
			for i := range 1500 {
				op := randomOp(r, false)
				got, want := op.do(onDisk), op.do(onPlain)
				if got != want {
					t.Fatalf("operation %d, %s: %s, and %s on a plain directory", i, op.what, got, want)
				}
				if i%300 == 299 {
					sameTree(t, o.At, plain)
				}
			}
			sameTree(t, o.At, plain)
			onDisk.close()
			must(t, d.Unmount(t.Context()))
			sameTree(t, o.Below, plain)
		})
	}
}

// files is a directory with files that are open in it.
type files struct {
	dir  string
	open [4]*os.File
}

func (f *files) close() {
	for i, file := range f.open {
		if file != nil {
			file.Close()
			f.open[i] = nil
		}
	}
}

// op is an operation, which says what came of it.
type op struct {
	what string
	do   func(*files) string
}

// randomOp is one of those that programs do; inBlocks says that offsets and sizes are multiples of 4096, and
// O_DSYNC is not among them.
func randomOp(r *rand.Rand, inBlocks bool) op {
	names := []string{"a", "b", "c", "d/a", "d/b", "d/e/a", "before"}
	dirs := []string{"d", "d/e", "f"}
	name, other, dir := names[r.IntN(len(names))], names[r.IntN(len(names))], dirs[r.IntN(len(dirs))]
	slot, off, size, added := r.IntN(4), r.Int64N(20000), r.IntN(9000), r.IntN(900)
	if inBlocks {
		off, size, added = off&^4095, size&^4095, 4096
	}
	data := make([]byte, max(size, added))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	outcome := func(err error) string {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			return errno.Error()
		}
		return fmt.Sprint(err)
	}
	withOpen := func(what string, do func(*os.File) string) op {
		return op{fmt.Sprintf("%s, file %d", what, slot), func(f *files) string {
			if f.open[slot] == nil {
				return "not open"
			}
			return do(f.open[slot])
		}}
	}
	flags := []int{os.O_RDWR, os.O_RDWR | os.O_CREATE, os.O_RDWR | os.O_CREATE | os.O_TRUNC, os.O_RDWR | os.O_CREATE | os.O_EXCL}
	if !inBlocks {
		flags = append(flags, os.O_RDWR|os.O_CREATE|syscall.O_DSYNC)
	}
	flag := flags[r.IntN(len(flags))]
	switch r.IntN(14) {
	case 0:
		return op{"mkdir " + dir, func(f *files) string { return outcome(os.Mkdir(filepath.Join(f.dir, dir), 0o750)) }}
	case 1:
		return op{"remove " + name, func(f *files) string { return outcome(os.Remove(filepath.Join(f.dir, name))) }}
	case 2:
		return op{"rmdir " + dir, func(f *files) string { return outcome(os.Remove(filepath.Join(f.dir, dir))) }}
	case 3:
		return op{"rename " + name + " to " + other, func(f *files) string {
			return outcome(os.Rename(filepath.Join(f.dir, name), filepath.Join(f.dir, other)))
		}}
	case 4:
		return op{"rename " + dir + " to " + name, func(f *files) string {
			return outcome(syscall.Rename(filepath.Join(f.dir, dir), filepath.Join(f.dir, name)))
		}}
	case 5, 6, 7:
		return op{fmt.Sprintf("open %s as %d, flags %x", name, slot, flag), func(f *files) string {
			if f.open[slot] != nil {
				f.open[slot].Close()
			}
			var err error
			if f.open[slot], err = os.OpenFile(filepath.Join(f.dir, name), flag, 0o640); err != nil {
				f.open[slot] = nil
			}
			return outcome(err)
		}}
	case 8, 9:
		return withOpen(fmt.Sprintf("write %d at %d", size, off), func(f *os.File) string {
			n, err := f.WriteAt(data[:size], off)
			return fmt.Sprint(n, outcome(err))
		})
	case 10:
		return withOpen("append", func(f *os.File) string {
			end, err := f.Seek(0, 2)
			if err != nil {
				return outcome(err)
			}
			n, err := f.Write(data[:added])
			return fmt.Sprint(end, n, outcome(err))
		})
	case 11:
		return withOpen(fmt.Sprintf("truncate to %d", off), func(f *os.File) string { return outcome(f.Truncate(off)) })
	case 12:
		return withOpen("fsync", func(f *os.File) string { return outcome(f.Sync()) })
	default:
		return withOpen(fmt.Sprintf("read %d at %d", size, off), func(f *os.File) string {
			n, err := f.ReadAt(data[:size], off)
			return fmt.Sprint(n, outcome(err), bytes.Clone(data[:n]))
		})
	}
}

// sameTree compares names, modes and contents.
func sameTree(t *testing.T, got, want string) {
	t.Helper()
	g, w := tree(t, got), tree(t, want)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range g {
			yield(name)
		}
		for name := range w {
			if _, ok := g[name]; !ok {
				yield(name)
			}
		}
	}) {
		if g[name] != w[name] {
			t.Errorf("%s: %s, want %s; they differ from byte %d on: %.40q and %.40q", name, summary(g[name]), summary(w[name]), differ(g[name], w[name]), g[name][differ(g[name], w[name]):], w[name][differ(g[name], w[name]):])
		}
	}
}

// differ is where two strings begin to.
func differ(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func summary(s string) string {
	if len(s) > 20 {
		return fmt.Sprintf("%.20q... (%d bytes)", s, len(s))
	}
	return fmt.Sprintf("%q", s)
}

// tree is what a directory holds, by names: the mode, and the contents of files.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.TrimPrefix(path, dir), "/")
		if name == "" {
			return nil
		}
		found[name] = info.Mode().String()
		if info.Mode().IsRegular() {
			contents, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			found[name] += " " + string(contents)
		}
		return nil
	}))
	return found
}

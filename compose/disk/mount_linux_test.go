package disk

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// find is the disk that is mounted somewhere, if there is one.
func find(t testing.TB, at string) (Mounted, bool) {
	t.Helper()
	list, err := Find()
	must(t, err)
	i := slices.IndexFunc(list, func(m Mounted) bool { return m.At == at })
	if i < 0 {
		return Mounted{}, false
	}
	return list[i], true
}

// Unmounting writes what is not durable, and ends the mount whoever uses it.
func TestUnmount(t *testing.T) {
	for way, serve := range ways {
		for _, open := range []bool{false, true} {
			t.Run(way+map[bool]string{false: "", true: ", with a file open"}[open], func(t *testing.T) {
				o := folders(t)
				d := serve(t, o)
				if m, ok := find(t, o.At); !ok || m.Below != o.Below || m.Dead {
					t.Errorf("found %+v, %v", m, ok)
				}
				f := programs{t, o.At, d}.write("a", "abc")
				if !open {
					f.Close()
				}
				must(t, d.Unmount(t.Context()))
				must(t, d.Unmount(t.Context()))
				if _, ok := find(t, o.At); ok {
					t.Error("it is mounted still")
				}
				holds(t, o.Below, map[string]string{"a": "abc"})
				holds(t, o.At, map[string]string{})
				if open {
					if _, err := f.WriteString("x"); err == nil {
						t.Error("a file that was open can be written after unmounting")
					}
				}
				if err := d.Set(t.Context(), "ro", Fault{ReadOnly: true}); err == nil {
					t.Error("a fault can be set after unmounting")
				}
			})
		}
	}
}

// A frozen disk is one that loses power: unmounting it makes nothing durable, and ends whoever waits.
func TestUnmountFrozen(t *testing.T) {
	o := folders(t)
	d := serveHere(t, o)
	p := programs{t, o.At, d}
	f := p.synced("a", "abc")
	p.add(f, "def")
	must(t, d.Freeze(t.Context()))
	calls := stateOf(t, d).calls()
	done := make(chan error, 1)
	go func() { done <- f.Sync() }()
	waitFor(t, func() bool { return stateOf(t, d).calls() > calls })
	must(t, d.Unmount(t.Context()))
	if err := <-done; err == nil {
		t.Error("an fsync that waited succeeded")
	}
	holds(t, o.Below, map[string]string{"a": "abc"})
}

// The mount of a process that was killed is found, and removed, by another one. What was durable is below.
func TestStaleMount(t *testing.T) {
	for _, over := range []bool{false, true} {
		t.Run(map[bool]string{false: "elsewhere", true: "over the directory itself"}[over], func(t *testing.T) {
			o := folders(t)
			o.At += " of a name with spaces, and\ta tab"
			must(t, os.Mkdir(o.At, 0o755))
			if over {
				o.At = o.Below
			}
			d, process := serveElsewhere(t, o)
			p := programs{t, o.At, d}
			f := p.synced("a", "abc")
			p.add(f, "def")
			must(t, process.Kill())
			waitFor(t, func() bool { m, ok := find(t, o.At); return ok && m.Dead })
			if _, err := f.WriteString("x"); !errors.Is(err, syscall.ENOTCONN) && !errors.Is(err, syscall.ECONNABORTED) {
				t.Errorf("writing: %v", err)
			}
			if _, err := d.State(t.Context()); err == nil || !strings.Contains(err.Error(), "has ended") {
				t.Errorf("the client does not say that the process has ended: %v", err)
			}
			must(t, Remove(o.At))
			must(t, Remove(o.At))
			if m, ok := find(t, o.At); ok {
				t.Errorf("%+v is mounted still", m)
			}
			holds(t, o.Below, map[string]string{"a": "abc"})
		})
	}
}

// Only disks are removed.
func TestRemoveLeavesOtherMounts(t *testing.T) {
	needsFUSE(t)
	at := t.TempDir()
	must(t, unix.Mount("test", at, "tmpfs", 0, ""))
	defer unix.Unmount(at, 0)
	must(t, os.WriteFile(filepath.Join(at, "a"), []byte("abc"), 0o600))
	must(t, Remove(at))
	holds(t, at, map[string]string{"a": "abc"})
}

func TestMountErrors(t *testing.T) {
	needsFUSE(t)
	o := folders(t)
	file := filepath.Join(o.Below, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, row := range []struct {
		name string
		o    Options
		want string
	}{
		{"nothing below", Options{Below: "/nowhere/below", At: o.At}, "/nowhere/below"},
		{"no mount point", Options{Below: o.Below, At: "/nowhere/at"}, "/nowhere/at"},
		{"a file below", Options{Below: file, At: o.At}, "not a directory"},
		{"a file as mount point", Options{Below: o.Below, At: file}, "not a directory"},
		{"writeback", Options{Below: o.Below, At: o.At, Writeback: Writeback{Expire: -time.Second}}, "-1s"},
	} {
		d, err := Mount(row.o)
		if err == nil {
			d.Unmount(t.Context())
			t.Errorf("%s: mounted", row.name)
		} else if !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}

// A signal that kills a program ends its waiting, and no other signal does.
func TestSignalsWhileWaiting(t *testing.T) {
	o := folders(t)
	d, _ := serveElsewhere(t, o)
	must(t, os.WriteFile(filepath.Join(o.At, "a"), nil, 0o600))
	must(t, d.Freeze(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", `trap : USR1; echo x >"$0"`, filepath.Join(o.At, "a"))
	calls := stateOf(t, d).calls()
	must(t, cmd.Start())
	waitFor(t, func() bool { return stateOf(t, d).calls() > calls })
	must(t, cmd.Process.Signal(syscall.SIGUSR1))
	time.Sleep(3 * killedEvery)
	if again := stateOf(t, d).calls(); again != calls+1 {
		t.Errorf("after a signal, there were %d operations more: it does not wait any more", again-calls-1)
	}
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); ctx.Err() != nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("killing what waits: %v", err)
	}
	must(t, d.Thaw(t.Context()))
}

// Programs can map files, and bypass the kernel's cache of them.
func TestMappedAndDirect(t *testing.T) {
	o := folders(t)
	d := serveHere(t, o)
	p := programs{t, o.At, d}
	f := p.synced("a", strings.Repeat("a", 8192))
	memory, err := unix.Mmap(int(f.Fd()), 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	must(t, err)
	copy(memory[4000:], "mapped")
	must(t, unix.Msync(memory, unix.MS_SYNC))
	must(t, unix.Munmap(memory))

	direct, err := os.OpenFile(p.path("a"), os.O_RDWR|syscall.O_DIRECT, 0)
	must(t, err)
	defer direct.Close()
	aligned, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	must(t, err)
	defer unix.Munmap(aligned)
	_, err = direct.ReadAt(aligned, 0)
	must(t, err)
	if got := string(aligned[4000:4006]); got != "mapped" {
		t.Errorf("O_DIRECT reads %q", got)
	}
	copy(aligned, "direct")
	_, err = direct.WriteAt(aligned, 4096)
	must(t, err)
	must(t, direct.Sync())
	_, err = d.LosePower(t.Context(), Tear{})
	must(t, err)
	contents, err := os.ReadFile(filepath.Join(o.Below, "a"))
	must(t, err)
	if string(contents[4000:4006]) != "mapped" || string(contents[4096:4102]) != "direct" || len(contents) != 8192 {
		t.Errorf("below are %d bytes, %q and %q", len(contents), contents[4000:4006], contents[4096:4102])
	}
}

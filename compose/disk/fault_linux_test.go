package disk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFull(t *testing.T) {
	for _, row := range []struct {
		name    string
		room    int64
		do      func(p programs, f *os.File) (int, error) // f holds 4 bytes
		written int
		want    error
	}{
		{"at once", 0, func(_ programs, f *os.File) (int, error) { return syscall.Pwrite(int(f.Fd()), []byte("xyz"), 4) }, -1, syscall.ENOSPC},
		{"a write that fits", 3, func(_ programs, f *os.File) (int, error) { return syscall.Pwrite(int(f.Fd()), []byte("xyz"), 4) }, 3, nil},
		{"a write is cut short", 2, func(_ programs, f *os.File) (int, error) { return syscall.Pwrite(int(f.Fd()), []byte("xyz"), 4) }, 2, nil},
		{"overwriting takes no room", 0, func(_ programs, f *os.File) (int, error) { return f.WriteAt([]byte("xyz"), 1) }, 3, nil},
		{"creating a file takes no room", 0, func(p programs, _ *os.File) (int, error) { p.open("b", os.O_CREATE); return 0, nil }, 0, nil},
		{"removing what is no file makes none", 0, func(p programs, f *os.File) (int, error) {
			must(p.t, os.Remove(p.path("link")))
			must(p.t, os.Remove(p.path("directory")))
			return syscall.Pwrite(int(f.Fd()), []byte("xyz"), 4)
		}, -1, syscall.ENOSPC},
		{"removing a file makes room", 0, func(p programs, f *os.File) (int, error) {
			must(p.t, os.Remove(p.path("other")))
			return f.WriteAt([]byte("xyz"), 4)
		}, 3, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := folders(t)
			must(t, os.Mkdir(filepath.Join(o.Below, "directory"), 0o755))
			must(t, os.Symlink("anywhere", filepath.Join(o.Below, "link")))
			d := serveHere(t, o)
			p := programs{t, o.At, d}
			f := p.write("a", "1234")
			must(t, p.write("other", "12345678").Close())
			p.closedAll()
			must(t, d.Set(t.Context(), "full", Fault{Full: &Full{Bytes: row.room}}))
			n, err := row.do(p, f)
			if n != row.written || !errors.Is(err, row.want) {
				t.Errorf("wrote %d bytes, %v, want %d, %v", n, err, row.written, row.want)
			}
			must(t, d.Lift(t.Context(), "full"))
			if _, err := f.WriteAt([]byte("more"), 100); err != nil {
				t.Errorf("writing after it was lifted: %v", err)
			}
		})
	}
}

// closedAll waits until no file is open but one.
func (p programs) closedAll() {
	p.t.Helper()
	m := p.disk.(*mounted)
	waitFor(p.t, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(m.handles) == 1
	})
}

func TestReadOnly(t *testing.T) {
	o := folders(t)
	d := serveHere(t, o)
	p := programs{t, o.At, d}
	f := p.synced("a", "abc")
	p.add(f, "def")
	must(t, d.Set(t.Context(), "ro", Fault{ReadOnly: true}))
	for what, do := range map[string]func() error{
		"write":            func() error { _, err := f.WriteString("x"); return err },
		"fsync":            f.Sync,
		"truncate":         func() error { return f.Truncate(1) },
		"chmod":            func() error { return os.Chmod(p.path("a"), 0o600) },
		"create":           func() error { return os.WriteFile(p.path("b"), nil, 0o600) },
		"open for writing": func() error { _, err := os.OpenFile(p.path("a"), os.O_WRONLY, 0); return err },
		"mkdir":            func() error { return os.Mkdir(p.path("d"), 0o700) },
		"rename":           func() error { return os.Rename(p.path("a"), p.path("b")) },
		"remove":           func() error { return os.Remove(p.path("a")) },
	} {
		if err := do(); !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v, want EROFS", what, err)
		}
	}
	if contents, err := os.ReadFile(p.path("a")); string(contents) != "abcdef" {
		t.Errorf("reading: %q, %v", contents, err)
	}
	must(t, d.Lift(t.Context(), "ro"))
	must(t, f.Sync())
	holds(t, o.Below, map[string]string{"a": "abcdef"})
}

func TestFail(t *testing.T) {
	o := folders(t)
	must(t, os.MkdirAll(filepath.Join(o.Below, "appendonlydir"), 0o755))
	d := serveHere(t, o)
	p := programs{t, o.At, d}
	f, other := p.write("appendonlydir/aof", "abc"), p.write("nodes.conf", "abc")
	for _, row := range []struct {
		name  string
		match Match
		do    func(f *os.File) error
		fails bool // for the first file; the second never does
	}{
		{"fsync of files in a directory", Match{[]Op{OpFsync}, []string{"appendonlydir/*"}}, (*os.File).Sync, true},
		{"another name", Match{[]Op{OpFsync}, []string{"*.rdb"}}, (*os.File).Sync, false},
		{"another operation", Match{[]Op{OpRead}, []string{"appendonlydir/*"}}, (*os.File).Sync, false},
		{"write", Match{[]Op{OpRead, OpWrite}, []string{"appendonlydir/aof"}}, func(f *os.File) error { _, err := f.WriteString("x"); return err }, true},
		{"truncate", Match{[]Op{OpTruncate}, []string{"appendonlydir/*"}}, func(f *os.File) error { return f.Truncate(2) }, true},
		{"open", Match{[]Op{OpOpen}, []string{"appendonlydir/*"}}, func(f *os.File) error {
			again, err := os.Open(f.Name())
			if err == nil {
				again.Close()
			}
			return err
		}, true},
		{"read", Match{[]Op{OpRead}, []string{"appendonlydir/*"}}, func(f *os.File) error { _, err := os.ReadFile(f.Name()); return err }, true},
		{"rename, by the name before", Match{[]Op{OpRename}, []string{"appendonlydir/aof"}}, func(f *os.File) error { return renameAndBack(f.Name()) }, true},
		{"rename, by the name after", Match{[]Op{OpRename}, []string{"appendonlydir/*.new"}}, func(f *os.File) error { return renameAndBack(f.Name()) }, true},
		{"remove", Match{[]Op{OpRemove}, []string{"appendonlydir/*"}}, func(f *os.File) error {
			second := filepath.Join(filepath.Dir(f.Name()), "second")
			if err := os.WriteFile(second, nil, 0o600); err != nil {
				return err
			}
			return os.Remove(second)
		}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			must(t, d.Set(t.Context(), "fail", Fault{Fail: &Fail{Match: row.match}}))
			var want error
			if row.fails {
				want = syscall.EIO
			}
			if err := row.do(f); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
			if err := row.do(other); err != nil {
				t.Errorf("for a name that is not picked: %v", err)
			}
			if failed := stateOf(t, d).Faults["fail"].Failed; (failed > 0) != row.fails {
				t.Errorf("counted as failed: %d", failed)
			}
			must(t, d.Lift(t.Context(), "fail"))
			must(t, d.Lift(t.Context(), "fail"))
			if err := row.do(f); err != nil {
				t.Errorf("after it was lifted: %v", err)
			}
		})
	}
}

func renameAndBack(name string) error {
	if err := os.Rename(name, name+".new"); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// The next n fail, or each by a probability: the same ones for the same seed.
func TestFailSome(t *testing.T) {
	outcomes := func(t *testing.T, fail Fail) string {
		o := folders(t)
		d := serveHere(t, o)
		f := programs{t, o.At, d}.write("a", "")
		fail.Match = Match{Ops: []Op{OpWrite}}
		must(t, d.Set(t.Context(), "fail", Fault{Fail: &fail}))
		var s strings.Builder
		for i := range 20 {
			if i == 10 { // setting it again begins nothing anew
				must(t, d.Set(t.Context(), "fail", Fault{Fail: &fail}))
			}
			if _, err := f.WriteString("x"); err != nil {
				s.WriteByte('!')
			} else {
				s.WriteByte('.')
			}
		}
		state := stateOf(t, d)
		if failed := strings.Count(s.String(), "!"); state.Faults["fail"].Failed != failed || state.Ops[OpWrite].Failed != failed || state.Ops[OpWrite].Calls != 20 {
			t.Errorf("%d failed, and the state is %+v", failed, state)
		}
		return s.String()
	}
	if got, want := outcomes(t, Fail{Next: 3}), "!!!................."; got != want {
		t.Errorf("the next 3 fail: %s, want %s", got, want)
	}
	one := outcomes(t, Fail{Probability: 0.5, Seed: 1})
	if failed := strings.Count(one, "!"); failed < 3 || failed > 17 {
		t.Errorf("of 20, each fails by 0.5: %s", one)
	}
	if again := outcomes(t, Fail{Probability: 0.5, Seed: 1}); again != one {
		t.Errorf("the same seed: %s, and then %s", one, again)
	}
	if other := outcomes(t, Fail{Probability: 0.5, Seed: 2}); other == one {
		t.Errorf("two seeds: both %s", one)
	}
}

func TestSlow(t *testing.T) {
	o := folders(t)
	d := serveHere(t, o)
	f := programs{t, o.At, d}.write("a", "abc")
	slow := Fault{Slow: &Slow{Match: Match{Ops: []Op{OpFsync}, Names: []string{"a"}}, Delay: 30 * time.Millisecond, Jitter: 10 * time.Millisecond}}
	must(t, d.Set(t.Context(), "slow", slow))
	begun := time.Now()
	must(t, f.Sync())
	if took := time.Since(begun); took < 20*time.Millisecond {
		t.Errorf("an fsync took %s, with 30 ms ± 10 ms", took)
	}
	s := stateOf(t, d)
	if c := s.Ops[OpFsync]; c.Slowed != 1 || c.Held < 20*time.Millisecond || c.Longest != c.Held || s.Faults["slow"].Held != c.Held {
		t.Errorf("the state is %+v", s)
	}

	// Whoever waits goes on when it is lifted.
	slow.Slow = &Slow{Match: slow.Slow.Match, Delay: time.Hour}
	must(t, d.Set(t.Context(), "slow", slow))
	done := make(chan error)
	calls := s.calls()
	go func() { done <- f.Sync() }()
	waitFor(t, func() bool { return stateOf(t, d).calls() > calls })
	must(t, d.Lift(t.Context(), "slow"))
	must(t, <-done)
}

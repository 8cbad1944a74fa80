package disk

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// powerLosses are what programs do, and what is there after the power loss: the files with their
// contents, and directories with a slash.
func powerLosses() []powerLoss {
	return []powerLoss{
		{"a file that was created and not synced is gone", func(p programs) {
			p.write("a", "abc")
		}, map[string]string{}, Loss{Bytes: 3, Files: []FileLoss{{"a", 3, 0}}, Changes: []string{"create a"}}},

		{"a file that was synced stays, with its name", func(p programs) {
			p.synced("a", "abc")
		}, map[string]string{"a": "abc"}, Loss{}},

		{"what was appended since the last sync is gone", func(p programs) {
			f := p.synced("a", "abc")
			p.add(f, "defgh")
		}, map[string]string{"a": "abc"}, Loss{Bytes: 5, Files: []FileLoss{{"a", 5, 0}}}},

		{"closing a file makes nothing durable", func(p programs) {
			f := p.synced("a", "abc")
			p.add(f, "def")
			must(p.t, f.Close())
		}, map[string]string{"a": "abc"}, Loss{Bytes: 3, Files: []FileLoss{{"a", 3, 0}}}},

		{"bytes that were overwritten are the old ones again, and count once", func(p programs) {
			f := p.synced("a", "abcdef")
			for _, s := range []string{"XYZ", "xyz"} {
				_, err := f.WriteAt([]byte(s), 1)
				must(p.t, err)
			}
		}, map[string]string{"a": "abcdef"}, Loss{Bytes: 3, Files: []FileLoss{{"a", 3, 0}}}},

		{"O_DSYNC syncs each write", func(p programs) {
			p.add(p.open("a", os.O_WRONLY|os.O_CREATE|syscall.O_DSYNC), "abc")
		}, map[string]string{"a": "abc"}, Loss{}},

		{"fdatasync does what fsync does", func(p programs) {
			f := p.write("a", "abc")
			must(p.t, syscall.Fdatasync(int(f.Fd())))
		}, map[string]string{"a": "abc"}, Loss{}},

		{"a truncation that was not synced did not happen", func(p programs) {
			f := p.synced("a", "abcdef")
			must(p.t, f.Truncate(2))
		}, map[string]string{"a": "abcdef"}, Loss{Changes: []string{"truncate a to 2 bytes"}}},

		{"a truncation that was synced did", func(p programs) {
			f := p.synced("a", "abcdef")
			must(p.t, f.Truncate(2))
			must(p.t, f.Sync())
		}, map[string]string{"a": "ab"}, Loss{}},

		{"written again from the start, and not synced: the old contents", func(p programs) {
			p.synced("a", "old contents")
			p.write("a", "new")
		}, map[string]string{"a": "old contents"}, Loss{Bytes: 3, Files: []FileLoss{{"a", 3, 0}}, Changes: []string{"truncate a to 0 bytes"}}},

		{"an fsync makes all names durable, but no bytes of other files", func(p programs) {
			p.write("a", "abc")
			p.synced("b", "def")
		}, map[string]string{"a": "", "b": "def"}, Loss{Bytes: 3, Files: []FileLoss{{"a", 3, 0}}}},

		{"the fsync of what is durable makes nothing else durable", func(p programs) {
			f := p.synced("a", "abc")
			p.write("b", "def")
			must(p.t, f.Sync())
		}, map[string]string{"a": "abc"}, Loss{Bytes: 3, Files: []FileLoss{{"b", 3, 0}}, Changes: []string{"create b"}}},

		{"fsync of the directory makes its names durable", func(p programs) {
			must(p.t, os.Mkdir(p.path("d"), 0o755))
			p.write("d/a", "abc")
			p.syncDir("d")
		}, map[string]string{"d/": "", "d/a": ""}, Loss{Bytes: 3, Files: []FileLoss{{"d/a", 3, 0}}}},

		{"what was removed and not synced is there again", func(p programs) {
			p.synced("a", "abc")
			must(p.t, os.Remove(p.path("a")))
		}, map[string]string{"a": "abc"}, Loss{Changes: []string{"remove a"}}},

		{"what was removed and synced is gone, even while it is open", func(p programs) {
			f := p.synced("a", "abc")
			must(p.t, os.Remove(p.path("a")))
			p.add(f, "def")
			p.syncDir(".")
		}, map[string]string{}, Loss{}},

		{"a rename that was not synced did not happen", func(p programs) {
			p.synced("old", "abc")
			p.rename("old", "new")
		}, map[string]string{"old": "abc"}, Loss{Changes: []string{"rename old to new"}}},

		{"renamed over another, as Redis saves an RDB: the whole new file", func(p programs) {
			p.synced("dump.rdb", "old")
			p.synced("temp", "new one")
			p.rename("temp", "dump.rdb")
			p.syncDir(".")
		}, map[string]string{"dump.rdb": "new one"}, Loss{}},

		{"renamed over another and not synced: the old file, and the new one under its first name", func(p programs) {
			p.synced("dump.rdb", "old")
			p.synced("temp", "new one")
			p.rename("temp", "dump.rdb")
		}, map[string]string{"dump.rdb": "old", "temp": "new one"}, Loss{Changes: []string{"rename temp to dump.rdb"}}},

		{"renamed over another with bytes that were not synced: they are written first (auto_da_alloc)", func(p programs) {
			p.synced("dump.rdb", "old")
			p.write("temp", "new one")
			p.rename("temp", "dump.rdb")
			p.syncDir(".")
		}, map[string]string{"dump.rdb": "new one"}, Loss{}},

		{"renamed to a new name with bytes that were not synced: an empty file", func(p programs) {
			p.write("temp", "new one")
			p.rename("temp", "dump.rdb")
			p.syncDir(".")
		}, map[string]string{"dump.rdb": ""}, Loss{Bytes: 7, Files: []FileLoss{{"dump.rdb", 7, 0}}}},

		{"truncated to nothing, written and closed: the bytes are written with the journal (auto_da_alloc)", func(p programs) {
			must(p.t, p.synced("a", "old").Close())
			must(p.t, p.write("a", "new").Close())
			p.closed()
			p.synced("b", "x")
		}, map[string]string{"a": "new", "b": "x"}, Loss{}},

		{"directories go with what is in them", func(p programs) {
			must(p.t, os.MkdirAll(p.path("d/e"), 0o755))
			p.write("d/e/a", "abc")
		}, map[string]string{}, Loss{Bytes: 3, Files: []FileLoss{{"d/e/a", 3, 0}}, Changes: []string{"create d", "create d/e", "create d/e/a"}}},

		{"a name that is used again holds what was synced last", func(p programs) {
			p.synced("a", "one")
			must(p.t, os.Remove(p.path("a")))
			p.synced("a", "two")
			must(p.t, os.Remove(p.path("a")))
			p.write("a", "three")
		}, map[string]string{"a": "two"}, Loss{Bytes: 5, Files: []FileLoss{{"a", 5, 0}}, Changes: []string{"remove a", "create a"}}},
	}
}

type powerLoss struct {
	name string
	do   func(p programs)
	left map[string]string
	lost Loss
}

func TestPowerLoss(t *testing.T) {
	for _, row := range powerLosses() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := folders(t)
			d := serveHere(t, o)
			row.do(programs{t, o.At, d})
			if row.lost.Files == nil {
				row.lost.Files = []FileLoss{}
			}
			if row.lost.Changes == nil {
				row.lost.Changes = []string{}
			}
			lost, err := d.LosePower(t.Context(), Tear{})
			must(t, err)
			if !reflect.DeepEqual(lost, row.lost) {
				t.Errorf("lost %+v, want %+v", lost, row.lost)
			}
			holds(t, o.Below, row.left)
			holds(t, o.At, row.left)
			if s := stateOf(t, d); s.Dirty != 0 || s.Pending != 0 || s.Lost != row.lost.Bytes || s.PowerLosses != 1 {
				t.Errorf("after the power loss, the state is %+v", s)
			}
		})
	}
}

// holds checks the files of a directory, and the directories, whose names end in a slash.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	if got := contents(t, dir); !reflect.DeepEqual(got, want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for name, what := range tree(t, dir) {
		if strings.HasPrefix(what, "d") {
			got[name+"/"] = ""
		} else {
			_, got[name], _ = strings.Cut(what, " ")
		}
	}
	return got
}

func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited for 20 s")
		}
	}
}

// Programs that outlive the power loss get errors from what they had open, and can open it anew.
func TestPowerLossWhileFilesAreOpen(t *testing.T) {
	for way, serve := range ways {
		t.Run(way, func(t *testing.T) {
			o := folders(t)
			d := serve(t, o)
			p := programs{t, o.At, d}
			f := p.synced("a", "abc")
			p.add(f, "def")
			_, err := d.LosePower(t.Context(), Tear{})
			must(t, err)
			if _, err := f.WriteString("x"); !errors.Is(err, syscall.EIO) {
				t.Errorf("writing to a file of before the power loss: %v, want EIO", err)
			}
			if err := f.Sync(); !errors.Is(err, syscall.EIO) {
				t.Errorf("syncing a file of before the power loss: %v, want EIO", err)
			}
			p.appendTo("a", "ghi").Sync()
			holds(t, o.At, map[string]string{"a": "abcghi"})
			holds(t, o.Below, map[string]string{"a": "abcghi"})
		})
	}
}

// From Freeze on, nobody is told that anything was done; the power loss tells them that it failed.
func TestFreeze(t *testing.T) {
	for _, row := range []struct {
		name  string
		do    func(f *os.File) error
		thaw  bool
		below string
	}{
		{"an fsync that waits is not done", (*os.File).Sync, false, "abc"},
		{"a write that waits is not done", func(f *os.File) error { _, err := f.WriteString("x"); return err }, false, "abc"},
		{"an fsync goes on after Thaw", (*os.File).Sync, true, "abcdef"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := folders(t)
			d := serveHere(t, o)
			p := programs{t, o.At, d}
			f := p.synced("a", "abc")
			p.add(f, "def")
			must(t, d.Freeze(t.Context()))
			must(t, d.Freeze(t.Context()))
			before := stateOf(t, d).calls()
			done := make(chan error, 1)
			go func() { done <- row.do(f) }()
			waitFor(t, func() bool { return stateOf(t, d).calls() > before })
			select {
			case err := <-done:
				t.Fatalf("it did not wait: %v", err)
			case <-time.After(20 * time.Millisecond):
			}
			if row.thaw {
				must(t, d.Thaw(t.Context()))
				must(t, <-done)
			} else {
				_, err := d.LosePower(t.Context(), Tear{})
				must(t, err)
				if err := <-done; !errors.Is(err, syscall.EIO) {
					t.Errorf("what waited ended with %v, want EIO", err)
				}
			}
			holds(t, o.Below, map[string]string{"a": row.below})
			if stateOf(t, d).Frozen {
				t.Error("it is frozen still")
			}
		})
	}
}

// calls is how many operations there have been.
func (s State) calls() int {
	n := 0
	for _, count := range s.Ops {
		n += count.Calls
	}
	return n
}

// A torn write leaves a prefix, which the seed decides.
func TestTornWrites(t *testing.T) {
	const written = "0123456789abcdefghijklmnopqrstuvwxyz"
	run := func(t *testing.T, seed uint64) (left string, lost Loss) {
		o := folders(t)
		d := serveHere(t, o)
		p := programs{t, o.At, d}
		f := p.synced("a", "synced ")
		p.add(f, written)
		cut := p.synced("cut", "old")
		must(t, cut.Truncate(0))
		_, err := cut.WriteAt([]byte("new"), 0)
		must(t, err)
		lost, err = d.LosePower(t.Context(), Tear{Torn: true, Seed: seed})
		must(t, err)
		contents, err := os.ReadFile(filepath.Join(o.Below, "a"))
		must(t, err)
		other, err := os.ReadFile(filepath.Join(o.Below, "cut"))
		must(t, err)
		if !strings.HasPrefix("new", string(other)) && string(other) != "old" {
			t.Errorf("seed %d: a file that was truncated holds %q: neither the old contents nor a prefix of the new ones", seed, other)
		}
		return string(contents), lost
	}
	lengths := map[int]bool{}
	for seed := range uint64(8) {
		left, lost := run(t, seed)
		rest, ok := strings.CutPrefix(left, "synced ")
		if !ok || !strings.HasPrefix(written, rest) {
			t.Errorf("seed %d left %q", seed, left)
		}
		for _, f := range lost.Files {
			if f.Name == "a" && (f.Kept != int64(len(rest)) || f.Bytes != int64(len(written)-len(rest))) {
				t.Errorf("seed %d: %+v, and %q is left", seed, f, rest)
			}
		}
		lengths[len(rest)] = true
		if again, _ := run(t, seed); again != left {
			t.Errorf("seed %d left %q, and then %q", seed, left, again)
		}
	}
	if len(lengths) < 3 {
		t.Errorf("8 seeds left only %d different lengths", len(lengths))
	}
}

// What the kernel writes back by itself is durable without fsync.
func TestWriteback(t *testing.T) {
	for _, row := range []struct {
		name string
		w    Writeback
		left map[string]string
	}{
		{"bytes that expire", Writeback{Expire: 10 * time.Millisecond}, map[string]string{"a": "abc"}},
		{"the journal alone", Writeback{Commit: 10 * time.Millisecond}, map[string]string{"a": ""}},
		{"too many bytes", Writeback{MaxDirty: 2}, map[string]string{"a": "abc"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := folders(t)
			d := serveHere(t, o)
			must(t, d.SetWriteback(t.Context(), row.w))
			programs{t, o.At, d}.write("a", "abc")
			want := row.left["a"]
			waitFor(t, func() bool {
				contents, err := os.ReadFile(filepath.Join(o.Below, "a"))
				return err == nil && string(contents) == want && stateOf(t, d).Pending == 0
			})
			_, err := d.LosePower(t.Context(), Tear{})
			must(t, err)
			holds(t, o.At, row.left)
		})
	}
}

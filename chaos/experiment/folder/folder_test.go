package folder

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opened is a folder for files of a run.
func opened(t *testing.T, dir string) Folder {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// A file that cannot be written to its end is not there, and what was there stays.
func TestAFileIsWrittenWholeOrNot(t *testing.T) {
	f := opened(t, t.TempDir())
	full := errors.New("no space left")
	half := func() error {
		s, err := f.Stage("result.json")
		if err != nil {
			return err
		}
		_, err = io.WriteString(s, "half")
		s.Fail(full)
		return errors.Join(err, s.Close())
	}
	for _, before := range []string{"", "whole"} {
		if err := half(); !errors.Is(err, full) {
			t.Errorf("%v", err)
		}
		if got := content(t, f.Path("result.json")); got != before {
			t.Errorf("it holds %q, want %q", got, before)
		}
		if err := f.Write("result.json", []byte("whole")); err != nil || content(t, f.Path("result.json")) != "whole" {
			t.Error(err)
		}
	}
	// What a workload leaves is there once it is whole.
	w, err := f.Create("picture.html")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "drawn"); err != nil || content(t, f.Path("picture.html")) != "" {
		t.Errorf("%v, or there too early", err)
	}
	if err := w.Close(); err != nil || content(t, f.Path("picture.html")) != "drawn" {
		t.Error(err)
	}
	if got := names(t, f.Dir); !slices.Equal(got, []string{"picture.html", "result.json"}) {
		t.Errorf("%q", got)
	}
	// The error names the file that was to be written.
	if err := os.RemoveAll(f.Dir); err != nil {
		t.Fatal(err)
	}
	want := "writing " + f.Path("result.json") + ": no such file or directory"
	if err := f.Write("result.json", nil); err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
	if err := f.Lost(); err == nil || !strings.Contains(err.Error(), "was removed, moved or replaced") {
		t.Errorf("%v", err)
	}
}

// A file that grows while it is read is read to the limit.
func TestAFileThatGrows(t *testing.T) {
	f := opened(t, t.TempDir())
	if err := f.Write("x", []byte("1234")); err != nil {
		t.Fatal(err)
	}
	file, err := f.OpenFile(t.Context(), "x", 4)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := os.WriteFile(f.Path("x"), []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(file); err == nil || !strings.Contains(err.Error(), "is longer than") {
		t.Errorf("%v", err)
	}
}

// latest points at a run beside it, or is the user's own.
func TestLatest(t *testing.T) {
	out := t.TempDir()
	latest := filepath.Join(out, "latest")
	for _, id := range []string{"first", "second"} {
		files, err := MakeNewest(out, id, func(text string) { t.Errorf("warned: %s", text) })
		if err != nil {
			t.Fatal(err)
		}
		files.Close()
		if target, err := os.Readlink(latest); err != nil || target != id {
			t.Errorf("latest points at %q, %v", target, err)
		}
	}
	if target := Astray(latest + "/"); target != "" {
		t.Error(target)
	}
	for _, target := range []string{"/etc", "../other", "first/../../other", "first/sub"} {
		if err := errors.Join(os.Remove(latest), os.Symlink(target, latest)); err != nil {
			t.Fatal(err)
		}
		if got := Astray(latest); got != target {
			t.Errorf("%s: %q", target, got)
		}
	}
	for i, what := range []string{"is a file", "is a folder"} {
		if err := os.Remove(latest); err != nil {
			t.Fatal(err)
		}
		if err := []func() error{func() error { return os.WriteFile(latest, []byte("mine"), 0o644) }, func() error { return os.Mkdir(latest, 0o755) }}[i](); err != nil {
			t.Fatal(err)
		}
		var warnings []string
		files, err := MakeNewest(out, "own"+what, func(text string) { warnings = append(warnings, text) })
		if err != nil {
			t.Fatal(err)
		}
		files.Close()
		if len(warnings) != 1 || !strings.Contains(warnings[0], latest+" "+what) {
			t.Errorf("%s: warned %q", what, warnings)
		}
	}
	if left, err := filepath.Glob(filepath.Join(out, ".latest*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// opened is a folder for files of a run.
func opened(t *testing.T, dir string) folder.Folder {
	t.Helper()
	f, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// withPicture is a result that names a picture of a history.
func withPicture(name string) *report.Result {
	return &report.Result{Workloads: []report.Workload{{Linearizability: &record.Linearizability{Violation: &record.Violation{Picture: name}}}}}
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

// No report tells of another verdict than the result, whatever could not be written.
func TestReportsGoWithTheResult(t *testing.T) {
	earlier := func(t *testing.T, dir string) {
		for _, name := range []string{"result.json", "report.md", "junit.xml"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("before"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	inTheWay := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.MkdirAll(filepath.Join(dir, name, "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		prepare func(*testing.T, string)
		err     string
		kept    bool
		files   []string
	}{
		"all":              {earlier, "", true, []string{"junit.xml", "latency.hlog", "report.html", "report.md", "result.json"}},
		"no result":        {inTheWay("result.json"), "writing result.json to ", false, []string{"result.json"}},
		"one report fewer": {inTheWay("report.md"), "writing report.md to ", true, []string{"junit.xml", "latency.hlog", "report.html", "report.md", "result.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := &artifacts{opened(t, t.TempDir())}
			test.prepare(t, a.Dir)
			o, err := a.outcome(&report.Result{Verdict: report.Pass}, nil, latencyLog(nil))
			if fmt.Sprint(err) != "<nil>" && (test.err == "" || !strings.HasPrefix(err.Error(), test.err)) || err == nil && test.err != "" {
				t.Errorf("%v, want %q", err, test.err)
			}
			if (o.Result.Verdict == report.Pass) != test.kept {
				t.Errorf("the verdict is %s (%s)", o.Result.Verdict, o.Result.Error)
			}
			if got := names(t, a.Dir); !slices.Equal(got, test.files) {
				t.Errorf("%q, want %q", got, test.files)
			}
			if !test.kept && len(o.Reports) > 0 {
				t.Errorf("reports: %q", o.Reports)
			}
		})
	}
}

// Nothing is written through what is in a folder, and only files in it are read. The
// folder itself may be named by a link.
func TestFoldersFromElsewhere(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own")
	if err := os.WriteFile(own, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	whole := func(text string) string { return text }
	t.Run("links by the names of reports", func(t *testing.T) {
		dir := recordedRun(t, whole)
		reports := []string{"result.json", "report.md", "report.html", "junit.xml", "latency.hlog"}
		for _, name := range reports {
			if err := os.Symlink(own, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		if _, err := Again(t.Context(), link, link); err != nil {
			t.Error(err)
		}
		for _, name := range reports {
			if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if text := content(t, own); text != "mine" {
			t.Errorf("%q was written through a link", text)
		}
	})
	for _, name := range []string{"scenario.yaml", "events.ndjson"} {
		for want, replace := range map[string]func(path string) error{
			"is a symbolic link, and not a file": func(path string) error { return os.Symlink(own, path) },
			"is a pipe, and not a file":          func(path string) error { return syscall.Mkfifo(path, 0o644) },
			"is a folder, and not a file":        func(path string) error { return os.Mkdir(path, 0o755) },
			"MiB, and so no file of a run": func(path string) error {
				return errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, 2<<30))
			},
		} {
			dir := recordedRun(t, whole)
			path := filepath.Join(dir, name)
			if err := errors.Join(os.Remove(path), replace(path)); err != nil {
				t.Fatal(err)
			}
			if _, err := Again(t.Context(), dir, t.TempDir()); err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	t.Run("pictures", func(t *testing.T) {
		dir, out := t.TempDir(), t.TempDir()
		for _, name := range []string{"linearizable-a.html", ".bashrc"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("drawn"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(own, filepath.Join(dir, "linearizable-b.html")); err != nil {
			t.Fatal(err)
		}
		a, run := &artifacts{opened(t, out)}, opened(t, dir)
		for _, picture := range []string{".bashrc", "../own", own, "linearizable-../x.html", "linearizable-c.html", "linearizable-a.html"} {
			if err := a.takePictures(t.Context(), run, withPicture(picture)); err != nil {
				t.Errorf("%s: %v", picture, err)
			}
		}
		if err := a.takePictures(t.Context(), run, withPicture("linearizable-b.html")); err == nil || !strings.Contains(err.Error(), "is a symbolic link") {
			t.Errorf("a link: %v", err)
		}
		if got := names(t, out); !slices.Equal(got, []string{"linearizable-a.html"}) {
			t.Errorf("taken: %q", got)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Again(ctx, recordedRun(t, whole), t.TempDir()); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

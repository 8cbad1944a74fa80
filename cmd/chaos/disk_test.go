package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
)

// smallDisk mounts a disk with options of tmpfs.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a small disk")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("needs root that may mount a small disk:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// verdictOn is the verdict on disk, "" if there is none. There is never half a file.
func verdictOn(t *testing.T, dir string) report.Verdict {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "result.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var r report.Result
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Errorf("result.json: %v in %q", err, text)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	return r.Verdict
}

// fill takes all the room there is on a disk.
func fill(t *testing.T, disk string) (free func()) {
	t.Helper()
	path := filepath.Join(disk, "filler")
	f, err := os.Create(path)
	if err == nil {
		for _, size := range []int{1 << 20, 1 << 12} {
			for err = nil; err == nil; {
				_, err = f.Write(make([]byte, size))
			}
		}
		err = errors.Join(f.Close())
	}
	if err != nil {
		t.Error(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// Whatever becomes of a run's folder while the run goes on, it ends with an error, which
// is also the verdict on disk, if there is one.
func TestTroubleWithTheDiskInARun(t *testing.T) {
	t.Parallel()
	needServer(t)
	const scenario = "name: test-disk\nduration: 4s\nrecovery_timeout: 2s\nworkloads: [{name: orders, clients: 2, rate: 200, keys: 10}]\nexpect: {recovered: true}\n"
	for name, test := range map[string]struct {
		disk    string // its options; "" for any
		trouble func(t *testing.T, out, dir string)
		want    string // on stderr
		verdict report.Verdict
	}{
		"full to the end": {"size=64m", func(t *testing.T, out, _ string) { fill(t, out) }, "no space left on device", report.Error}, // the cluster is removed before the reports are written
		"full for a while": {"size=64m", func(t *testing.T, out, _ string) {
			free := fill(t, out)
			time.Sleep(1500 * time.Millisecond) // the record is flushed every second
			free()
		}, "writing the record of events: ", report.Error},
		"folder removed": {"", func(t *testing.T, _, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}, "was removed, moved or replaced", ""},
		"folder moved": {"", func(t *testing.T, out, dir string) {
			if err := os.Rename(dir, filepath.Join(out, "moved")); err != nil {
				t.Error(err)
			}
		}, "was removed, moved or replaced", ""},
		"record removed": {"", func(t *testing.T, _, dir string) {
			if err := os.Remove(filepath.Join(dir, "events.ndjson")); err != nil {
				t.Error(err)
			}
		}, "events.ndjson was removed or replaced", report.Error},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			if test.disk != "" {
				out = smallDisk(t, test.disk)
			}
			ended, dir := make(chan struct{}), ""
			go func() {
				defer close(ended)
				for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
					if info, err := os.Stat(filepath.Join(out, "latest", "events.ndjson")); err == nil && info.Size() > 0 {
						id, err := os.Readlink(filepath.Join(out, "latest"))
						if err != nil {
							t.Error(err)
						}
						dir = filepath.Join(out, id)
						test.trouble(t, out, dir)
						return
					}
				}
				t.Error("the run has not begun")
			}()
			code, stdout, stderr := chaosProcess(t, "run", write(t, "s.yaml", scenario), "--runtime", "local", "--quiet", "--out", out)
			<-ended
			if code != exitNotRun || !strings.HasPrefix(stdout, "ERROR: test-disk") || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d\n%s\n%s\nwant %q", code, stdout, stderr, test.want)
			}
			if strings.Contains(stdout, "report: ") != (test.verdict != "") {
				t.Errorf("the reports that are there are not those that are named:\n%s", stdout)
			}
			if got := verdictOn(t, dir); got != test.verdict {
				t.Errorf("the verdict on disk is %q, want %q", got, test.verdict)
			}
		})
	}
}

// A limit to the size of files is an error, and not the end of the program.
func TestFilesAreLimited(t *testing.T) {
	t.Parallel()
	needServer(t)
	out := t.TempDir()
	const scenario = "name: test-limit\nduration: 2s\nrecovery_timeout: 2s\nworkloads: [{name: orders, clients: 2, rate: 50, keys: 10}]\n"
	cmd := exec.Command("sh", "-c", `ulimit -f 16; exec "$@"`, "sh", build(t), "run", write(t, "s.yaml", scenario), "--runtime", "local", "--quiet", "--out", out)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // its exit code tells
	if code := cmd.ProcessState.ExitCode(); code != exitNotRun || !strings.HasPrefix(stdout.String(), "ERROR: test-limit") || !strings.Contains(stderr.String(), "file too large") {
		t.Errorf("exit %d\n%s\n%s", code, stdout.String(), stderr.String())
	}
	if got := verdictOn(t, filepath.Join(out, "latest")); got != report.Error && got != "" {
		t.Errorf("the verdict on disk is %q", got)
	}
}

// Reports that cannot be made again leave the ones before them, all of them, and the
// program tells no verdict.
func TestTroubleWithTheDiskInAReport(t *testing.T) {
	reports := []string{"result.json", "report.md", "report.html", "junit.xml", "latency.hlog"}
	for name, test := range map[string]struct {
		options string
		trouble func(t *testing.T, dir string)
		want    string
	}{
		"full":            {"size=4m", func(t *testing.T, dir string) { fill(t, dir) }, "no space left on device"},
		"full for a part": {"size=100k", func(*testing.T, string) {}, "no space left on device"},
		"no more files":   {"nr_inodes=10", func(*testing.T, string) {}, "no space left on device"},
		"read-only": {"size=4m", func(t *testing.T, dir string) {
			if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
				t.Fatal(err)
			}
		}, "read-only file system"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t, test.options)
			for _, name := range []string{"scenario.yaml", "events.ndjson"} {
				from, err := os.Open(filepath.Join(recordedRun, name))
				if err != nil {
					t.Fatal(err)
				}
				to, err := os.Create(filepath.Join(dir, name))
				if err == nil {
					_, err = io.Copy(to, from)
				}
				if err = errors.Join(err, from.Close(), to.Close()); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range reports {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			test.trouble(t, dir)
			code, stdout, stderr := chaosCommand(t, "report", dir)
			if code != exitNotRun || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d, stdout %q, stderr %q, want %q", code, stdout, stderr, test.want)
			}
			for _, name := range reports {
				if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != "{}" {
					t.Errorf("%s: %v, %q", name, err, text)
				}
			}
			verdictOn(t, dir)
		})
	}
}

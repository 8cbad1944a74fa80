//go:build linux

package attack

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What `chaos report` prints of a record that somebody has changed drives no terminal. Its
// folder may hold anything else, too.
func TestReportOfAHostileFolder(t *testing.T) {
	run := readRecorded(t, "master-partition")
	whole := strings.Join(run.lines, "")
	const escape = `\u001b[2J\u009b31m\u0007\r`
	secret := file(t, "secret", "secret")
	for name, test := range map[string]struct {
		change  func(text string) string
		prepare func(dir string) error
	}{
		"nodes":  {func(text string) string { return strings.ReplaceAll(text, "redis-replica-1", "redis-replica-1"+escape) }, nil},
		"id":     {func(text string) string { return strings.ReplaceAll(text, `"id":"`, `"id":"`+escape) }, nil},
		"server": {func(text string) string { return strings.ReplaceAll(text, `"7.0.15"`, `"7.0.15`+escape+`"`) }, nil},
		"error": {func(text string) string {
			return strings.ReplaceAll(text, `"run_ended","data":{`, `"run_ended","data":{"error":"`+escape+`",`)
		}, nil},
		"notes": {func(text string) string {
			return text + `{"ms":1,"type":"note","data":{"text":"` + escape + `"}}` + "\n"
		}, nil},
		"a bad line": {func(text string) string { return "{\"type\":\"\x1b[2J\n" + text }, nil},
		"10 MB in a line": {func(text string) string {
			return text + `{"ms":1,"type":"note","data":{"text":"` + strings.Repeat("x", 10<<20) + `"}}` + "\n"
		}, nil},
		"10 MB of brackets": {func(text string) string { return text + strings.Repeat("[", 10<<20) + "\n" }, nil},
		"links": {func(text string) string { return text }, func(dir string) error {
			var errs []error
			for _, name := range []string{"result.json", "report.md", "report.html", "junit.xml", "latency.hlog", ".result.json"} {
				errs = append(errs, os.Symlink(secret, filepath.Join(dir, name)))
			}
			return errors.Join(errs...)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"scenario.yaml": run.source, "events.ndjson": test.change(whole)} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if test.prepare != nil {
				if err := test.prepare(dir); err != nil {
					t.Fatal(err)
				}
			}
			if p := prepare(t, "report", dir).limited().run(t, bound); p.code() != exitOK {
				t.Errorf("%s", p.told())
			}
			if text, err := os.ReadFile(secret); err != nil || string(text) != "secret" {
				t.Errorf("it wrote through a link: %s, %v", excerpt(string(text)), err)
			}
		})
	}
}

// A folder whose files are none is refused, within a bound.
func TestReportOfAFolderOfSpecialFiles(t *testing.T) {
	run := readRecorded(t, "master-kill")
	whole := strings.Join(run.lines, "")
	for name, special := range map[string]func(path string) error{
		"a FIFO":           func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"zeros":            func(path string) error { return os.Symlink("/dev/zero", path) },
		"a folder":         func(path string) error { return os.Mkdir(path, 0o755) },
		"a link to itself": func(path string) error { return os.Symlink(path, path) },
		"an empty file":    func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"zero bytes":       func(path string) error { return os.WriteFile(path, make([]byte, 1<<20), 0o644) },
	} {
		for _, which := range []string{"scenario.yaml", "events.ndjson"} {
			t.Run(which+" is "+name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for name, text := range map[string]string{"scenario.yaml": run.source, "events.ndjson": whole} {
					if name == which {
						continue
					}
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if err := special(filepath.Join(dir, which)); err != nil {
					t.Fatal(err)
				}
				if p := prepare(t, "report", dir).limited().run(t, bound); p.code() != exitUsage && p.code() != exitNotRun {
					t.Errorf("%s", p.told())
				}
			})
		}
	}
}

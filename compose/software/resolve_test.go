package software

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

func TestConfDirs(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "ld.so.conf"), "# first\ninclude conf.d/*.conf\n/opt/last/ # comment\nhwcap 0 nosegneg\ninclude ld.so.conf\n")
	write(t, filepath.Join(root, "conf.d/b.conf"), "/opt/b1, /opt/b2:/opt/b3\n")
	write(t, filepath.Join(root, "conf.d/a.conf"), "/opt/a=libc6\r\n\n")
	write(t, filepath.Join(root, "conf.d/ignored"), "/opt/ignored\n")

	got := confDirs(filepath.Join(root, "ld.so.conf"), map[string]bool{})
	want := []string{"/opt/a", "/opt/b1", "/opt/b2", "/opt/b3", "/opt/last"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := confDirs(filepath.Join(root, "missing"), map[string]bool{}); got != nil {
		t.Errorf("a missing file lists %v", got)
	}
}

// TestResolveHost compares with ldd, which asks the real loader.
func TestResolveHost(t *testing.T) {
	for _, program := range []string{"redis-server", "sh"} {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Logf("no %s on this host", program)
			continue
		}
		got, err := resolve(system{}, path, "/usr/local/bin/"+program)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, lib := range got.Libraries {
			names = append(names, filepath.Base(lib.Image))
			if _, err := os.Stat(lib.Host); err != nil {
				t.Error(err)
			}
		}
		output, err := exec.Command("ldd", path).Output()
		if err != nil {
			t.Logf("no ldd for %s: %v", path, err)
			continue
		}
		for line := range strings.Lines(string(output)) {
			name := filepath.Base(strings.Fields(line)[0])
			if name != "linux-vdso.so.1" && !slices.Contains(names, name) {
				t.Errorf("%s needs %s, resolved are only %v", path, name, names)
			}
		}
	}
}

func TestResolveOrigin(t *testing.T) {
	root := softwaretest.Compiled(t, "-Wl,-rpath,$ORIGIN/../lib")
	got, err := resolve(system{}, filepath.Join(root, "bin/program"), "/usr/local/bin/program")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Library{root + "/bin/../lib/libanswer.so", "/usr/local/lib/libanswer.so"}); !slices.Contains(got.Libraries, want) {
		t.Errorf("got %v, want %v among them", got.Libraries, want)
	}
	if len(got.SearchPath) != 0 {
		t.Errorf("search path %v is not needed", got.SearchPath)
	}
}

func TestResolveEnvironment(t *testing.T) {
	root := softwaretest.Compiled(t)
	program, lib := filepath.Join(root, "bin/program"), filepath.Join(root, "lib")

	_, err := resolve(system{}, program, "/usr/local/bin/program")
	if err == nil || !strings.Contains(err.Error(), program+" needs the shared library libanswer.so") {
		t.Errorf("got error %v", err)
	}

	t.Setenv("LD_LIBRARY_PATH", lib)
	got, err := resolve(system{}, program, "/usr/local/bin/program")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{lib}; !slices.Equal(got.SearchPath, want) {
		t.Errorf("search path %v, want %v", got.SearchPath, want)
	}
}

func TestForeignPrograms(t *testing.T) {
	for content, want := range map[string]string{
		"#!/bin/sh\nexec redis\n":  "is a script",
		"\xcf\xfa\xed\xfe\x07\x00": "is a macOS program",
		"hello":                    "is not a Linux program",
		"\x7fELF\x02\x01":          "read ELF file",
	} {
		path := filepath.Join(t.TempDir(), "redis-server")
		write(t, path, content)
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := Inspect(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("inspect of %q: error %v, want %q", content, err, want)
		}
	}
}

func TestNotRedis(t *testing.T) {
	path, err := exec.LookPath("cat")
	if err != nil {
		t.Skip("no cat on this host")
	}
	if _, err := Inspect(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is not a Redis server: its --version says") {
		t.Errorf("got error %v", err)
	}
}

// A pipe that can be executed is not read: that would not end.
func TestServerIsAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redis-server")
	if err := syscall.Mkfifo(path, 0o755); err != nil {
		t.Skip("no pipe can be made here: ", err)
	}
	if _, err := Inspect(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is not a regular file, and no Linux program") {
		t.Errorf("got error %v", err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Package imagetest is what tests of other packages need of local servers.
package imagetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Unpacked is a folder as if a distribution's packages of the server on PATH had been unpacked
// to it: its programs in usr/bin, the loader and the libraries where this machine has them. The
// test is skipped where that cannot be made.
func Unpacked(t testing.TB) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"redis-server", "redis-cli"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("needs %s: %v", name, err)
		}
		listed, err := exec.Command("ldd", path).Output()
		if err != nil {
			t.Skipf("needs ldd, and a %s that is not static: %v", name, err)
		}
		copyFile(t, path, filepath.Join(root, "usr/bin", name))
		for _, field := range strings.Fields(string(listed)) { // libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)
			if filepath.IsAbs(field) {
				copyFile(t, field, root+field)
			}
		}
	}
	return root
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, content, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

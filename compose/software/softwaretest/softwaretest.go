// Package softwaretest is what tests need of servers of this machine.
package softwaretest

import (
	"encoding/json"
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

// OnPath is the server on PATH. The test is skipped where there is none.
func OnPath(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("neither redis-server nor valkey-server is on PATH")
	return ""
}

// Fake compiles a static program that says what output is, whatever it is
// asked. Programs of different content are different files.
func Fake(t testing.TB, output, content string) string {
	t.Helper()
	dir := t.TempDir()
	quoted, err := json.Marshal(output + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { print("+string(quoted)+") }\n// "+content+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "redis-server")
	command := exec.Command("go", "build", "-ldflags=-buildid="+content, "-o", path, filepath.Join(dir, "main.go"))
	command.Env = append(command.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return path
}

// LookPath is an exec.LookPath that knows these paths only.
func LookPath(paths map[string]string) func(string) (string, error) {
	return func(file string) (string, error) {
		if path := paths[file]; path != "" {
			return path, nil
		}
		return "", exec.ErrNotFound
	}
}

// Compiled compiles bin/program, which needs lib/libanswer.so to say that it
// is Redis 6.99.42.
func Compiled(t testing.TB, flags ...string) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no gcc to compile a program with")
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "answer.c"), "int answer(void) { return 42; }\n")
	write(t, filepath.Join(root, "main.c"), "#include <stdio.h>\nint answer(void);\nint main(void) { return printf(\"Redis server v=6.99.%d sha=0\\n\", answer()) < 0; }\n")
	for _, dir := range []string{"bin", "lib"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"-shared", "-fPIC", "-o", "lib/libanswer.so", "answer.c"},
		append([]string{"-o", "bin/program", "main.c", "-Llib", "-lanswer"}, flags...),
	} {
		command := exec.Command("gcc", args...)
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, output)
		}
	}
	return root
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

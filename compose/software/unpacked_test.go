package software

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

// A server in a folder is started by the loader there, with the libraries there.
func TestUnpackedServer(t *testing.T) {
	root := softwaretest.Unpacked(t)
	p, err := FindProgram(root)
	if err != nil {
		t.Fatal(err)
	}
	here, err := Inspect(t.Context(), softwaretest.OnPath(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.AskVersion(t.Context()); err != nil || got != here.Server {
		t.Errorf("%v, %v; want %v", got, err, here.Server)
	}
	executable, err := p.Executable()
	if err != nil || !strings.HasPrefix(executable, root+"/") || !strings.HasPrefix(filepath.Base(executable), "ld-") {
		t.Errorf("executable %s, %v", executable, err)
	}
	file, argv := p.Command("--port", "1")
	if file != executable || !strings.HasSuffix(strings.Join(argv, " "), root+"/usr/bin/redis-server --port 1") || argv[1] != "--library-path" {
		t.Errorf("%s, %q", file, argv)
	}
	for _, folder := range strings.Split(argv[2], ":") {
		if !strings.HasPrefix(folder, root+"/") {
			t.Errorf("the loader is to look in %s", folder)
		}
	}
}

// What a folder lacks is told, and nothing of this machine stands in for it.
func TestUnpackedServerLacksSomething(t *testing.T) {
	whole := softwaretest.Unpacked(t)
	find := func(root, pattern string) string {
		t.Helper()
		var found string
		_ = filepath.WalkDir(root, func(path string, _ os.DirEntry, _ error) error {
			if ok, _ := filepath.Match(pattern, filepath.Base(path)); ok {
				found = path
			}
			return nil
		})
		if found == "" {
			t.Fatalf("no %s in %s", pattern, root)
		}
		return found
	}
	for name, test := range map[string]struct {
		spoil func(root string) error
		want  string
	}{
		"nothing":                  {func(string) error { return nil }, ""},
		"no server":                {func(root string) error { return os.RemoveAll(filepath.Join(root, "usr/bin")) }, "holds none of usr/bin/redis-server, usr/bin/valkey-server"},
		"no loader":                {func(root string) error { return os.Remove(find(root, "ld-*")) }, "unpack the package that has it there, too (on Debian, libc6)"},
		"no C library":             {func(root string) error { return os.Remove(find(root, "libc.so.*")) }, "needs the shared library libc.so.6, which is not in "},
		"a library that leads out": {func(root string) error { return leadOut(find(root, "libm.so.*")) }, "needs the shared library libm.so.6, which is not in "},
		"a loader that leads out":  {func(root string) error { return leadOut(find(root, "ld-*")) }, "needs the loader /"},
		"a server that leads out":  {func(root string) error { return leadOut(filepath.Join(root, "usr/bin/redis-server")) }, "is a link that leads out of "},
		"a server that is a script": {func(root string) error {
			return os.WriteFile(filepath.Join(root, "usr/bin/redis-server"), []byte("#!/bin/sh\n"), 0o755)
		}, "is a script, not a Linux program"},
		"a server not to be run": {func(root string) error { return os.Chmod(filepath.Join(root, "usr/bin/redis-server"), 0o644) }, "cannot be executed"},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "root")
			if err := os.CopyFS(root, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			if err := test.spoil(root); err != nil {
				t.Fatal(err)
			}
			_, err := FindProgram(root)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	colon := filepath.Join(t.TempDir(), "a:b")
	if err := os.Mkdir(colon, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := FindProgram(colon); err == nil || !strings.Contains(err.Error(), "colon") {
		t.Errorf("a colon in the path: %v", err)
	}
}

// leadOut makes a link to a file of this machine of what was in the folder.
func leadOut(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	outside, err := os.Executable()
	if err != nil {
		return err
	}
	return os.Symlink(outside, path)
}

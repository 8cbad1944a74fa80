package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is in the folder by the names of the files is replaced. A link is not followed.
func TestFilesOfADeploymentAreNotWrittenThroughLinks(t *testing.T) {
	dir, own := t.TempDir(), filepath.Join(t.TempDir(), "own")
	if err := os.WriteFile(own, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	names := []string{"redis.conf", "docker-compose.yml"}
	for _, name := range names {
		if err := os.Symlink(own, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		file, err := DefaultDeployment(3, 0).write(dir)
		if err != nil || file != filepath.Join(dir, "docker-compose.yml") {
			t.Errorf("%s, %v", file, err)
		}
		for _, name := range names {
			if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
}

// A folder with a comma in its path is mounted in the one form that every engine takes for it.
func TestFolderWithAComma(t *testing.T) {
	for folder, mount := range map[string]string{"plain": "type: bind", "a, b": "./redis.conf:" + confTarget + ":ro"} {
		file, err := DefaultDeployment(3, 0).write(filepath.Join(t.TempDir(), folder))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), mount) {
			t.Errorf("in %q, there is no %q in it (%v)", folder, mount, err)
		}
	}
}

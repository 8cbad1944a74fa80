package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

// The image that is made of a folder holds its loader and its libraries.
func TestBuildFromFolder(t *testing.T) {
	engine := dockerEngine(t)
	root := softwaretest.Unpacked(t)
	img, err := Build(t.Context(), engine, root, Options{LookPath: softwaretest.LookPath(nil)})
	if err != nil {
		t.Fatal(err)
	}
	removeImage(t, engine, img.Ref)
	if img.Binary != root {
		t.Errorf("built %+v", img)
	}
	id := startContainer(t, engine, &container.Config{Image: img.Ref})
	if got := execIn(t, engine, id, "redis-cli", "--version"); !strings.Contains(got, img.Server.Version) {
		t.Errorf("redis-cli says %q", got)
	}

	if err := os.Remove(filepath.Join(root, "usr/bin/redis-cli")); err != nil {
		t.Fatal(err)
	}
	if _, err := Build(t.Context(), engine, root, Options{}); err == nil || !strings.Contains(err.Error(), "usr/bin/redis-cli") || !strings.Contains(err.Error(), "unpack the package") {
		t.Errorf("without redis-cli: %v", err)
	}
}

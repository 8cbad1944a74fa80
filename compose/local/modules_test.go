package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// The servers load modules from this machine, and it says so before it
// starts any.
func TestModulesAreLookedFor(t *testing.T) {
	there := filepath.Join(t.TempDir(), "there.so")
	if err := os.WriteFile(there, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		there:               "",
		there + ".not":      "there is no such file on this machine",
		there + "/below":    "not a directory",
		filepath.Dir(there): "is no file",
		"/dev/null":         "is no file",
	} {
		switch err := checkModules([]compose.Module{{Path: there, Where: "cluster.config"}, {Path: path, Where: "redis.conf:3:1"}}); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || !strings.HasPrefix(err.Error(), "redis.conf:3:1: ")):
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

package local

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
)

// What a server starts in a session of its own is removed with its run.
func TestChildrenOfServersAreRemoved(t *testing.T) {
	server := filepath.Join(t.TempDir(), "redis-server")
	const script = `#!/bin/sh
if [ "$1" = --version ]; then echo "Redis server v=7.0.15 sha=0"; exit; fi
cd / && setsid sleep 300 >/dev/null 2>&1 &
exit 1
`
	if err := os.WriteFile(server, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := Deploy(t.Context(), Options{RunID: testRun("children"), Masters: 3, Server: server, Dir: dir}); err == nil {
		t.Fatal("deployed")
	}
	var folders []string
	for _, name := range compose.NodeNames(3, 0) {
		folders = append(folders, filepath.Join(dir, name))
	}
	// A child that had not become sleep yet may have been started just before the removal.
	var left []int
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		if left, err = process.Running(folders, server); err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind: %v", left)
}

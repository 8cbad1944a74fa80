package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

// A server in a folder, which its loader starts, is killed and started again, forks to write
// its files, and is looked for as what its process runs.
func TestServerInAFolder(t *testing.T) {
	t.Parallel()
	needMode(t, Unprivileged)
	root := softwaretest.Unpacked(t)
	dir := filepath.Join(t.TempDir(), "run")
	c, err := Deploy(t.Context(), Options{RunID: testRun("folder"), Masters: 3, Mode: Unprivileged, Dir: dir, Server: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Down(context.Background()); err != nil {
			t.Error(err)
		}
		if left := leftovers(t, c.RunID(), dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	if c.program != root {
		t.Errorf("the program is %s", c.program)
	}
	node := c.Nodes()[0]
	client := compose.DirectClient(c, node.Addr, 10*time.Second)
	defer client.Close()
	pid := func() int {
		t.Helper()
		var info string
		var err error
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if info, err = client.InfoMap(t.Context(), "server").Item("Server", "process_id"), client.Ping(t.Context()).Err(); err == nil && info != "" {
				break
			}
		}
		n, convErr := strconv.Atoi(info)
		if err != nil || convErr != nil {
			t.Fatal(err, convErr)
		}
		return n
	}
	first := pid()
	if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", first)); err != nil || exe != c.entry.Made.Server {
		t.Errorf("the process runs %s, %v; it is looked for as %s", exe, err, c.entry.Made.Server)
	}
	if err := client.BgRewriteAOF(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	if err := c.Signal(t.Context(), node.Name, "SIGKILL"); err != nil {
		t.Fatal(err)
	}
	for c.byName[node.Name].current.Alive() {
		time.Sleep(time.Millisecond)
	}
	if err := c.Start(t.Context(), node.Name); err != nil {
		t.Fatal(err)
	}
	if again := pid(); again == first {
		t.Errorf("it is still process %d", again)
	}
	if err := client.BgRewriteAOF(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		status := client.InfoMap(t.Context(), "persistence").Item("Persistence", "aof_last_bgrewrite_status")
		busy := client.InfoMap(t.Context(), "persistence").Item("Persistence", "aof_rewrite_in_progress")
		if busy == "0" && status == "ok" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the append-only file is not rewritten: %s, in progress %s", status, busy)
		}
	}
}

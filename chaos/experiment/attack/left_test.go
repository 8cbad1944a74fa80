//go:build linux

package attack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// left lists what there still is of a program's run: processes in its folders, network
// namespaces, interfaces, entries of the journal and, with an engine, what carries the
// run's label there.
func left(t *testing.T, p *program, e *docker.Engine) []string {
	t.Helper()
	found := processes(t, filepath.Dir(p.out))
	id := p.runID()
	if id == "" {
		return found
	}
	namespaces, err := filepath.Glob("/run/netns/" + id + "-*")
	if err != nil {
		t.Fatal(err)
	}
	found = append(found, namespaces...)
	aliases, err := filepath.Glob("/sys/class/net/*/ifalias")
	if err != nil {
		t.Fatal(err)
	}
	for _, alias := range aliases {
		if text, err := os.ReadFile(alias); err == nil && strings.TrimSpace(string(text)) == id {
			found = append(found, filepath.Dir(alias))
		}
	}
	found = append(found, journaltest.Entries(t, id)...)
	if e != nil {
		runs, err := e.Runs(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(runs, id) {
			found = append(found, "something labelled "+id+" in the engine")
		}
	}
	for _, node := range compose.NodeNames(3, 1) {
		if _, err := os.Stat(filepath.Join(p.dir(), "cluster", node)); err == nil {
			found = append(found, filepath.Join(p.dir(), "cluster", node))
		}
	}
	return found
}

// processes lists those whose current folder is somewhere in dir.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(cwd, dir+"/") {
			continue
		}
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "comm"))
		found = append(found, fmt.Sprintf("process %s (%s) in %s", filepath.Base(filepath.Dir(link)), strings.TrimSpace(string(name)), cwd))
	}
	return found
}

// nothingLeft fails the test if anything of a program's run is left, once the kernel had a
// moment to end what was killed.
func nothingLeft(t *testing.T, p *program, e *docker.Engine) {
	t.Helper()
	var found []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if found = left(t, p, e); len(found) == 0 {
			return
		}
	}
	t.Errorf("left behind:\n  %s", strings.Join(found, "\n  "))
	p.down(t)
}

// onRuntimes runs a test on both runtimes; the engine is nil on the local one.
func onRuntimes(t *testing.T, test func(t *testing.T, runtime string, e *docker.Engine)) {
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		needServer(t)
		test(t, "local", nil)
	})
	t.Run("docker", func(t *testing.T) {
		t.Parallel()
		test(t, "docker", enginetest.Need(t))
	})
}

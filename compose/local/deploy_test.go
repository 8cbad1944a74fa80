package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

// needServer skips a test where no server is installed.
func needServer(t testing.TB) {
	t.Helper()
	if _, err := software.Find(); err != nil {
		t.Skipf("needs redis-server: %v", err)
	}
}

// needMode skips a test where a mode cannot be had.
func needMode(t testing.TB, m Mode) {
	t.Helper()
	needServer(t)
	if m == Isolated {
		if err := networks.Try(); err != nil {
			t.Skipf("isolated mode cannot be had here: %v", err)
		}
	}
}

func modes() []Mode { return []Mode{Unprivileged, Isolated} }

// scripted writes an executable script.
func scripted(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "redis-server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadInput(t *testing.T) {
	needMode(t, Unprivileged)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(*Options)
		want   []string // in the error
	}{
		{"no server there", func(o *Options) { o.Server = "/nowhere/redis-server" }, []string{"finding the server", "/nowhere/redis-server"}},
		{"not a server", func(o *Options) { o.Server = scripted(t, "echo GNU coreutils") }, []string{"is not a Redis server", "GNU coreutils"}},
		{"a server that prints without an end", func(o *Options) { o.Server = scripted(t, "echo Redis server v=7.0.15 sha=0; exec yes") }, []string{"--version: it prints more than 65536 bytes"}},
		{"too old", func(o *Options) { o.Server = scripted(t, "echo Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc") }, []string{"6.0.16 is too old", ">= 6.2"}},
		{"dies at start", func(o *Options) {
			o.Server = scripted(t, `case $1 in --version) echo Redis server v=7.0.15 sha=0;; *) echo the reason why; exit 3;; esac`)
		}, []string{"ended with status 3", "the reason why"}},
		{"a directive that it rejects", func(o *Options) { o.Config = map[string][]string{"maxmemory-policy": {"sometimes"}} }, []string{"all 6 nodes: the server ended with status 1", "maxmemory-policy sometimes", "must be one of"}},
		{"a user without a command that is needed", func(o *Options) {
			o.Config = map[string][]string{"user": {"default on nopass ~* +@all -@dangerous"}}
		}, []string{"preparing the nodes: all 6 nodes: NOPERM ", "config", ": user default on nopass ~* +@all -@dangerous"}},
		{"a user who may not even ping", func(o *Options) {
			o.Config = map[string][]string{"user": {"default on nopass ~* +@all -@fast"}}
		}, []string{"all 6 nodes: NOPERM ", "'ping'", "cluster.config takes it away: user default"}},
		{"a command by another name", func(o *Options) {
			o.Config = map[string][]string{"rename-command": {"FLUSHALL flush", "CLUSTER hidden"}}
		}, []string{"all 6 nodes: ERR unknown command", "cluster.config takes it away: rename-command FLUSHALL flush; CLUSTER hidden"}},
		{"a file in place of a folder", func(o *Options) { o.Dir = filepath.Join(file, "run") }, []string{"run folder", "not a directory"}},
		{"no folder", func(o *Options) { o.Dir = "" }, []string{"no run folder"}},
		{"no free ports", func(o *Options) { o.FirstPort = lastPort - 2 }, []string{"of 6 ports from 55533 to 55535", "choose a lower first port"}},
		{"a port without a bus port", func(o *Options) { o.FirstPort = 60000 }, []string{"first port 60000", "1 to 55535"}},
		{"a run id that is no name", func(o *Options) { o.RunID = "../up" }, []string{`run id "../up"`}},
		{"a mode that there is not", func(o *Options) { o.Mode = "root" }, []string{`unknown mode "root"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := Options{RunID: testRun("bad"), Masters: 3, Replicas: 1, Mode: Unprivileged, Dir: filepath.Join(t.TempDir(), "run")}
			test.change(&o)
			c, err := Deploy(t.Context(), o)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it was deployed"), c.Down(context.Background())))
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in: %v", want, err)
				}
			}
			if left := leftovers(t, testRun("bad"), o.Dir); o.Dir != "" && len(left) > 0 && left[0] != file {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// Runs that are deployed at the same moment don't take each other's ports and
// subnets.
func TestDeploysAtOnce(t *testing.T) {
	t.Parallel()
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			needMode(t, mode)
			const runs = 3
			clusters, errs := make([]*Cluster, runs), make([]error, runs)
			dir := t.TempDir()
			var all sync.WaitGroup
			for i := range runs {
				all.Go(func() {
					name := fmt.Sprintf("at-once-%s-%d", mode, i)
					clusters[i], errs[i] = Deploy(t.Context(), Options{
						RunID: testRun(name), Masters: 3, Replicas: 1, Mode: mode, Dir: filepath.Join(dir, name),
					})
				})
			}
			all.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
			}
			taken := map[string]bool{}
			for _, c := range clusters {
				if c == nil {
					continue
				}
				for _, n := range c.Nodes() {
					if taken[n.Addr] || (n.Addr != n.ClientAddr && taken[n.ClientAddr]) {
						t.Errorf("%s of %s has an address that is taken: %+v", n.Name, c.RunID(), n)
					}
					taken[n.Addr], taken[n.ClientAddr] = true, true
				}
				if err := c.Down(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// What is there already is neither used nor removed.
func TestForeignFoldersAreNotTouched(t *testing.T) {
	needMode(t, Unprivileged)
	dir := t.TempDir()
	foreign := filepath.Join(dir, "redis-replica-2")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Deploy(t.Context(), Options{RunID: testRun("foreign"), Masters: 3, Replicas: 1, Mode: Unprivileged, Dir: dir})
	if err == nil || !strings.Contains(err.Error(), foreign+" is there already") {
		t.Errorf("deploying onto it: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
}

// Whenever the context ends, nothing is left.
func TestInterruptedDeploy(t *testing.T) {
	t.Parallel()
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			needMode(t, mode)
			for after := time.Duration(0); after <= 400*time.Millisecond; after += 40 * time.Millisecond {
				o := Options{RunID: testRun("interrupted-" + string(mode)), Masters: 3, Replicas: 1, Mode: mode, Dir: filepath.Join(t.TempDir(), "run")}
				ctx, cancel := context.WithTimeout(t.Context(), after)
				c, err := Deploy(ctx, o)
				cancel()
				if err == nil {
					err = c.Down(context.Background())
				} else if errors.Is(err, context.DeadlineExceeded) {
					err = nil
				}
				if err != nil {
					t.Errorf("interrupted after %s: %v", after, err)
				}
				if left := leftovers(t, o.RunID, o.Dir); len(left) > 0 {
					t.Errorf("interrupted after %s: left behind: %v", after, left)
				}
			}
		})
	}
}

// Down copes with what somebody else has removed or killed already.
func TestDownWhenHalfIsGone(t *testing.T) {
	t.Parallel()
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			needMode(t, mode)
			run := testRun("half-" + string(mode))
			c := deployForTest(t, Options{RunID: run, Masters: 3, Replicas: 1, Mode: mode})
			local := c.Cluster.(*Cluster)
			made := local.entry.Made
			pids, err := process.Running(made.folders(), made.Server)
			if err != nil || len(pids) != 6 {
				t.Fatalf("processes %v, %v", pids, err)
			}
			if err := errors.Join(syscall.Kill(pids[0], syscall.SIGKILL), os.RemoveAll(made.folder("redis-master-2"))); err != nil {
				t.Fatal(err)
			}
			if mode == Isolated {
				if err := networks.Remove(run, []string{"redis-replica-1"}); err != nil { // and the hub
					t.Fatal(err)
				}
			}
			if err := c.Down(t.Context()); err != nil {
				t.Error(err)
			}
			if left := c.Leftovers(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestKeepLeavesTheData(t *testing.T) {
	t.Parallel()
	needMode(t, Unprivileged)
	o := Options{RunID: testRun("keep"), Masters: 3, Replicas: 1, Mode: Unprivileged, Keep: true, Dir: filepath.Join(t.TempDir(), "run")}
	c, err := Deploy(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"nodes.conf", "server.log"} {
		if _, err := os.Stat(filepath.Join(o.Dir, "redis-master-1", file)); err != nil {
			t.Error(err)
		}
	}
}

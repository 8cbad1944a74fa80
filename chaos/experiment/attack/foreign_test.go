//go:build linux

package attack

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/report"
)

// alone is a run to which nothing happens by its scenario.
const alone = `name: test-attacked
duration: 6s
recovery_timeout: 5s
cluster: {config: {cluster-node-timeout: 1000}}
workloads:
  - {name: orders, clients: 4, rate: 200, keys: 50, client: {preset: fast-failover}}
`

// Somebody else's kill of all servers leaves nothing that could be read back: that is no
// green result.
func TestAllServersKilled(t *testing.T) {
	t.Parallel()
	needServer(t)
	p := prepareRun(t, "local", file(t, "s.yaml", alone+"expect: {lost_writes: 0, unavailable: \"<= 5s\"}\n"))
	p.start(t, 3*time.Minute)
	if !p.until("running test-attacked", 2*time.Second) {
		t.Fatalf("it has ended before: %s", p.told())
	}
	killServers(t, p, "*")
	p.wait(t)
	if p.code() != exitExpectation && p.code() != exitNotRun {
		t.Errorf("%s\nwant exit %d or %d", p.told(), exitExpectation, exitNotRun)
	}
	r, _ := result(t, p)
	for _, e := range r.Expectations {
		if e.OK {
			t.Errorf("%s %s holds (got %s), and all servers were dead", e.Name, e.Want, e.Shown)
		}
	}
	if writes := r.Writes; writes.Lost != nil && *writes.Lost == 0 && writes.Acked > 0 {
		t.Errorf("lost: 0 of %d acked writes that nobody has", writes.Acked)
	}
	if p.code() == exitExpectation {
		coherent(t, p)
	}
	nothingLeft(t, p, nil)
}

// A master that somebody else kills is told of, and its failover is not the scenario's.
func TestAMasterKilledBySomebodyElse(t *testing.T) {
	t.Parallel()
	needServer(t)
	p := prepareRun(t, "local", file(t, "s.yaml", alone+"expect: {failovers: 1}\n"))
	p.start(t, 3*time.Minute)
	if !p.until("running test-attacked", time.Second) {
		t.Fatalf("it has ended before: %s", p.told())
	}
	killServers(t, p, "redis-master-1")
	p.wait(t)
	r, ok := result(t, p)
	if !ok || p.code() == exitOK {
		t.Errorf("%s\nwant no exit 0", p.told())
	}
	for _, e := range r.Expectations {
		if e.OK {
			t.Errorf("%s %s holds (got %s), and no fault of the scenario was there", e.Name, e.Want, e.Shown)
		}
	}
	if !strings.Contains(p.stdout.String(), "redis-master-1") {
		t.Errorf("the death of redis-master-1 is not told: %s", p.told())
	}
	nothingLeft(t, p, nil)
}

// killServers kills the servers of a run whose nodes match.
func killServers(t *testing.T, p *program, nodes string) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(p.dir(), "cluster", nodes))
	if err != nil || p.runID() == "" {
		t.Fatal(err)
	}
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil {
			continue
		}
		for _, folder := range folders {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil && cwd == folder {
				killed++
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if killed == 0 {
		t.Fatalf("no server of %s runs in %s", nodes, p.dir())
	}
}

// What somebody else removes of a run in the engine ends it with an error, or fails what is
// expected of it. It never passes.
func TestRemovedFromTheEngine(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	// A slow engine may still be removing the last of them when the run ends.
	for _, attack := range quick([]struct {
		name   string
		remove func(t *testing.T, e *docker.Engine, run string)
		codes  []int
	}{
		{"all containers", func(t *testing.T, e *docker.Engine, run string) { removeContainers(t, e, run, 6) }, []int{exitNotRun, exitExpectation}},
		{"everything", func(t *testing.T, e *docker.Engine, run string) {
			removeContainers(t, e, run, 6)
			removeNetworks(t, e, run)
		}, []int{exitNotRun}},
		{"one container", func(t *testing.T, e *docker.Engine, run string) { removeContainers(t, e, run, 1) }, []int{exitNotRun, exitExpectation}},
		{"the networks", removeNetworks, []int{exitNotRun, exitExpectation}},
	}, 1) {
		t.Run(attack.name, func(t *testing.T) {
			t.Parallel()
			p := prepareRun(t, "docker", file(t, "s.yaml", alone+"expect: {failovers: 0, lost_writes: 0, recovered: true}\n"))
			p.start(t, 4*time.Minute)
			if !p.until("running test-attacked", 2*time.Second) || p.runID() == "" {
				t.Fatalf("it has ended before: %s", p.told())
			}
			attack.remove(t, e, p.runID())
			p.wait(t)
			if !slices.Contains(attack.codes, p.code()) {
				t.Errorf("%s\nwant exit %v", p.told(), attack.codes)
			}
			if r, ok := result(t, p); ok && r.Verdict == report.Pass {
				t.Error("the verdict is pass")
			}
			coherent(t, p)
			nothingLeft(t, p, e)
		})
	}
}

// ofRun finds what carries a run's label.
func ofRun(run string) filters.Args {
	return filters.NewArgs(filters.Arg("label", docker.RunLabel+"="+run))
}

func removeContainers(t *testing.T, e *docker.Engine, run string, most int) {
	t.Helper()
	all, err := e.ContainerList(context.Background(), container.ListOptions{All: true, Filters: ofRun(run)})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d containers, %v", len(all), err)
	}
	for _, c := range all[:min(most, len(all))] {
		err := e.ContainerRemove(context.Background(), c.ID, container.RemoveOptions{Force: true})
		if err != nil && !errdefs.IsConflict(err) && !errdefs.IsNotFound(err) { // the run may be at it, too
			t.Error(err)
		}
	}
}

func removeNetworks(t *testing.T, e *docker.Engine, run string) {
	t.Helper()
	all, err := e.NetworkList(context.Background(), network.ListOptions{Filters: ofRun(run)})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d networks, %v", len(all), err)
	}
	for _, n := range all {
		details, err := e.NetworkInspect(context.Background(), n.ID, network.InspectOptions{})
		if err != nil {
			t.Error(err)
		}
		for id := range details.Containers {
			if err := e.NetworkDisconnect(context.Background(), n.ID, id, true); err != nil {
				t.Error(err)
			}
		}
		if err := e.NetworkRemove(context.Background(), n.ID); err != nil {
			t.Error(err)
		}
	}
}

package experiment

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
)

const calmScenario = `
name: test-calm
cluster: {config: {cluster-node-timeout: 1000}}
workloads: [{name: orders, clients: 2, rate: 200, keys: 50, client: {preset: fast-failover}}]
duration: 6s
recovery_timeout: 1s
expect: {lost_writes: 0, failovers: 1}
`

// during has something done once, two seconds after the load of a run has begun.
func during(t *testing.T, opts Options, do func(runID string)) Options {
	told, progress := make(chan struct{}), opts.Progress
	opts.Progress = func(line string) {
		progress(line)
		if strings.HasPrefix(line, "running ") {
			close(told)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-told:
		case <-t.Context().Done():
			return
		}
		time.Sleep(2 * time.Second)
		runs, err := os.ReadDir(opts.Out)
		if err != nil {
			t.Error(err)
			return
		}
		do(runs[len(runs)-1].Name()) // the link to the latest comes before it
	}()
	t.Cleanup(func() { <-done })
	return opts
}

// removeContainers removes those of a run's nodes that match, as somebody else would.
func removeContainers(t *testing.T, e *docker.Engine, runID string, match func(node string) bool) {
	nodes, err := e.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", docker.RunLabel+"="+runID), filters.Arg("label", docker.NodeLabel))})
	if err != nil || len(nodes) == 0 {
		t.Errorf("%d nodes of %s: %v", len(nodes), runID, err)
	}
	for _, n := range nodes {
		if !match(n.Labels[docker.NodeLabel]) {
			continue
		}
		if err := e.ContainerRemove(t.Context(), n.ID, container.RemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	}
}

// A run whose cluster somebody removes ends with an error, and one of whose nodes they remove
// tells that first and fails.
func TestNodesRemovedBySomebodyElse(t *testing.T) {
	t.Run("all", func(t *testing.T) {
		inDocker(t, func(t *testing.T, opts Options) {
			e := enginetest.Need(t)
			outcome, err := Run(t.Context(), parsed(t, calmScenario, "duration=2m"), during(t, opts, func(id string) { removeContainers(t, e, id, func(string) bool { return true }) }))
			if !errors.Is(err, chaos.ErrTakenAway) {
				t.Errorf("%v", err)
			}
			if r := outcome.Result; r.Verdict != report.Error || !strings.Contains(r.Error, chaos.ErrTakenAway.Error()) || len(r.Incidents) != 6 || r.Writes.Lost != nil {
				t.Errorf("%s (%s), %+v, %+v", r.Verdict, r.Error, r.Incidents, r.Writes)
			}
		})
	})
	t.Run("one", func(t *testing.T) {
		inDocker(t, func(t *testing.T, opts Options) {
			e := enginetest.Need(t)
			outcome, err := Run(t.Context(), parsed(t, calmScenario), during(t, opts, func(id string) {
				removeContainers(t, e, id, func(node string) bool { return node == "redis-master-1" })
			}))
			if err != nil {
				t.Fatal(err)
			}
			r := outcome.Result
			if r.Verdict != report.Fail || len(r.Incidents) != 1 || r.Incidents[0].Node != "redis-master-1" || r.Incidents[0].Action != report.IncidentRemoved {
				t.Fatalf("%s, %+v", r.Verdict, r.Incidents)
			}
			if len(r.Failovers) != 1 || r.Failovers[0].Origin != report.OriginIncident || r.Failovers[0].FirstWrite == nil {
				t.Errorf("%+v", r.Failovers)
			}
			if story := prose.Story(r); !strings.HasPrefix(story[0], "redis-master-1 was removed at ") {
				t.Errorf("%q", story)
			}
		})
	})
}

// A cluster of which nothing is left in the end has lost nobody knows how much.
func TestAllNodesDie(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, calmScenario), during(t, opts, func(id string) {
			servers, err := filepath.Glob("/proc/[0-9]*/cwd")
			if err != nil {
				t.Error(err)
			}
			for _, link := range servers {
				if dir, err := os.Readlink(link); err == nil && strings.Contains(dir, id) {
					pid, err := strconv.Atoi(strings.Split(link, "/")[2])
					if err == nil {
						err = syscall.Kill(pid, syscall.SIGKILL)
					}
					if err != nil {
						t.Error(err)
					}
				}
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		if r.Verdict != report.Fail || len(r.Incidents) != 6 || r.Writes.Lost != nil || r.Writes.Unverified == 0 {
			t.Errorf("%s, %+v, %+v", r.Verdict, r.Incidents, r.Writes)
		}
		for _, s := range r.Shards {
			if s.Unavailable == nil || *s.Unavailable < 1000 {
				t.Errorf("shard %d: %+v", s.Shard, s)
			}
		}
		for _, e := range r.Expectations {
			if e.OK {
				t.Errorf("%+v", e)
			}
		}
	})
}

package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

const killScenario = `
name: test-kill
cluster:
  config: {cluster-node-timeout: 2000}
workloads:
  - {name: orders, type: set, clients: 4, rate: 500, keys: 100, client: {dial_timeout: 300ms, read_timeout: 300ms, cluster_state_reload_interval: 500ms}}
  - {name: carts, type: register, clients: 4, rate: 200, keys: 100, client: {dial_timeout: 300ms, read_timeout: 300ms, cluster_state_reload_interval: 500ms}}
duration: 10s
faults:
  - {at: 1s, for: 7s, kill: {role: master, shard: 0}}
expect:
  failovers: 1
  recovered: true
`

// killDuration is how long its load lasts.
const killDuration = 10 * time.Second

func parsed(t *testing.T, text string, sets ...string) *scenarios.Scenario {
	t.Helper()
	s, err := parse.Scenario("test.yaml", []byte(text), Catalog(), sets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func options(t *testing.T) Options {
	return Options{Out: t.TempDir(), Runtime: RuntimeDocker, Ports: compose.PortPolicy{First: 6379}, Tool: "test",
		Progress: func(line string) { t.Log(line) }, Warn: func(line string) { t.Log(line) }, Status: func(string) {}}
}

// onEachRuntime runs a test on Docker and on local processes.
func onEachRuntime(t *testing.T, test func(t *testing.T, opts Options)) {
	t.Parallel()
	t.Run(RuntimeDocker, func(t *testing.T) { inDocker(t, test) })
	t.Run(RuntimeLocal, func(t *testing.T) { onThisMachine(t, test) })
}

// inDocker runs a test on Docker.
func inDocker(t *testing.T, test func(t *testing.T, opts Options)) {
	t.Parallel()
	e := enginetest.Need(t)
	opts := options(t)
	test(t, opts)
	enginetest.NothingLeft(t, e, opts.Out)
}

// onThisMachine runs a test on local processes.
func onThisMachine(t *testing.T, test func(t *testing.T, opts Options)) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	opts := options(t)
	opts.Runtime = RuntimeLocal
	test(t, opts)
	journaltest.NothingLeft(t, opts.Out)
}

func TestRunMeasuresAFailover(t *testing.T) {
	onEachRuntime(t, func(t *testing.T, opts Options) {
		checkKillRun(t, observed(t, parsed(t, killScenario), opts), opts)
	})
}

// observed makes a run in which this program was run all the time, which a busy machine does
// not always let it be.
func observed(t *testing.T, s *scenarios.Scenario, opts Options) *Outcome {
	t.Helper()
	const attempts = 3
	for range attempts {
		outcome, err := Run(t.Context(), s, opts)
		if err != nil {
			t.Fatal(err)
		}
		if len(outcome.Result.Holes) == 0 {
			return outcome
		}
		t.Logf("this program was not run all the time: %+v", outcome.Result.Holes)
	}
	t.Fatalf("this program was not run all the time in any of %d runs", attempts)
	return nil
}

// checkKillRun checks what is told of a run of killScenario.
func checkKillRun(t *testing.T, outcome *Outcome, opts Options) {
	t.Helper()
	r := outcome.Result
	if r.Verdict != report.Pass || len(r.Failovers) != 1 {
		t.Fatalf("verdict %s (%s), failovers %+v", r.Verdict, r.Error, r.Failovers)
	}
	f := r.Failovers[0]
	if f.OldMaster != "redis-master-1" || f.NewMaster != "redis-replica-1" || f.Unmeasured != nil {
		t.Errorf("%+v", f)
	}
	// Each phase follows the one before it; the observers' pace blurs those that
	// they see by up to two questions, and by as long as they were held up.
	blur := 100 + longestStall(t, outcome.Dir)
	order := []*record.Millis{f.PFail, f.Fail, f.Election, f.Promoted, f.FirstWrite, f.ClientRecovery}
	for i := 1; i < len(order); i++ {
		if *order[i] < *order[i-1]-blur {
			t.Errorf("phase %d at %.1f ms comes before phase %d at %.1f ms", i, *order[i], i-1, *order[i-1])
		}
	}
	if *f.PFail < 500 || *f.Redundant < *f.Promoted || *f.Converged < *f.Promoted-blur {
		t.Errorf("pfail %.0f, promoted %.0f, converged %.0f, redundant %.0f", *f.PFail, *f.Promoted, *f.Converged, *f.Redundant)
	}
	if fault := r.Faults[0]; !(*fault.Requested < *fault.Effective && *fault.Effective < *fault.Healed) || fault.Detail != "SIGKILL" {
		t.Errorf("%+v", fault)
	}
	if *r.Shards[0].Unavailable < *f.FirstWrite-500 || r.Shards[0].Collateral || !r.Shards[1].Collateral {
		t.Errorf("shards: %+v", r.Shards)
	}
	for _, w := range r.Workloads {
		sum := w.Writes.Acked + w.Writes.Failed + w.Writes.Indeterminate
		if w.Writes.Attempted != sum || w.Writes.Acked == 0 || w.Writes.Lost == nil || w.ClientRecovery == nil || w.Latency == nil {
			t.Errorf("%+v", w)
		}
	}
	// A slow engine may start the killed node again when the load is over.
	late := *r.Faults[0].Healed >= record.Millis(killDuration/time.Millisecond)
	for _, w := range r.Workloads {
		var phases []string
		for _, p := range w.LatencyPhases {
			phases = append(phases, p.Phase)
		}
		if all := []string{"before", "during", "after"}; !slices.Equal(phases, all) && !(late && slices.Equal(phases, all[:2])) || w.LatencyPhases[0].P9999 == nil {
			t.Errorf("latency of %s: %+v", w.Name, w.LatencyPhases)
		}
	}
	for _, name := range []string{"result.json", "report.md", "events.ndjson", "scenario.yaml", "logs/redis-master-1.log", "logs/redis-replica-3.log", "report.html", "junit.xml", "latency.hlog"} {
		if info, err := os.Stat(filepath.Join(outcome.Dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("artifact %s: %v", name, err)
		}
	}
	latest, err := os.Readlink(filepath.Join(outcome.Dir, "..", "latest"))
	if err != nil || latest != filepath.Base(outcome.Dir) {
		t.Errorf("latest points at %q: %v", latest, err)
	}

	if r.Run.Runtime != opts.Runtime {
		t.Errorf("runtime %s, want %s", r.Run.Runtime, opts.Runtime)
	}

	// The same result comes out of the folder again, and the same reports.
	out := t.TempDir()
	again, err := Again(t.Context(), outcome.Dir, out)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(again.Result)
	first, _ := json.Marshal(r)
	if string(got) != string(first) {
		t.Errorf("analysed again from its folder, the result differs:\n%s\n%s", first, got)
	}
	for _, name := range []string{"result.json", "report.md", "report.html", "junit.xml", "latency.hlog"} {
		was, _ := os.ReadFile(filepath.Join(outcome.Dir, name))
		is, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || string(is) != string(was) {
			t.Errorf("rendered again, %s differs: %v", name, err)
		}
	}
}

// longestStall is the longest time, in ms, for which a run's own program was held up.
func longestStall(t *testing.T, dir string) (ms record.Millis) {
	t.Helper()
	_, events, err := loadRun(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		if s, ok := event.Data.(*record.Starved); ok {
			ms = max(ms, s.For)
		}
	}
	return ms
}

// However early or late a run is interrupted, nothing of it is left.
func TestInterruptedRunsLeaveNothing(t *testing.T) {
	t.Parallel()
	run := func(ctx context.Context, t *testing.T, opts Options) {
		outcome, err := Run(ctx, parsed(t, killScenario), opts)
		if err == nil {
			t.Fatal("it ran to its end")
		}
		if outcome == nil || outcome.Result.Verdict != report.Error {
			t.Errorf("outcome %+v", outcome)
		}
	}
	for _, after := range []time.Duration{
		0, 100 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1200 * time.Millisecond, 1600 * time.Millisecond,
		2200 * time.Millisecond, 2900 * time.Millisecond, 3700 * time.Millisecond, 4500 * time.Millisecond, 6 * time.Second,
	} {
		t.Run(fmt.Sprint(RuntimeLocal, " after ", after), func(t *testing.T) {
			onThisMachine(t, func(t *testing.T, opts Options) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), after, context.Canceled)
				defer cancel()
				run(ctx, t, opts)
			})
		})
	}
	t.Run(RuntimeLocal+", while a server is blocked for an hour", func(t *testing.T) {
		onThisMachine(t, func(t *testing.T, opts Options) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			opts.Progress = func(line string) {
				if strings.HasPrefix(line, "block redis-master-1") {
					time.AfterFunc(200*time.Millisecond, cancel)
				}
			}
			s := parsed(t, "name: test-block\nduration: 2h\nfaults: [{at: 100ms, for: 1h, block: {node: redis-master-1}}]\n")
			if outcome, err := Run(ctx, s, opts); err == nil || outcome.Result.Faults[0].Effective == nil || outcome.Result.Faults[0].Healed != nil {
				t.Errorf("%v: %+v", err, outcome.Result.Faults)
			}
		})
	})
	for told, after := range map[string]time.Duration{
		"starting 6 containers": 700 * time.Millisecond, "joining the nodes": 0, "kill redis-master-1": 0,
	} {
		t.Run(fmt.Sprint(RuntimeDocker, ", ", told), func(t *testing.T) {
			inDocker(t, func(t *testing.T, opts Options) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				opts.Progress = func(line string) {
					if strings.HasPrefix(line, told) {
						time.AfterFunc(after, cancel)
					}
				}
				run(ctx, t, opts)
			})
		})
	}
}

// A cluster that is kept outlives its run, and what it is of is told: here of a server
// of this machine.
func TestKeptClusterOfALocalServer(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	server, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	opts := options(t)
	opts.Keep, opts.RedisServer = true, server
	outcome, err := Run(t.Context(), parsed(t, "name: test-keep\nduration: 1s\nexpect: {failovers: 1}\n"), opts)
	if err != nil {
		t.Fatal(err)
	}
	r := outcome.Result
	t.Cleanup(func() {
		if err := e.Remove(context.Background(), r.Run.ID); err != nil {
			t.Error(err)
		}
		enginetest.NothingLeft(t, e, opts.Out)
	})
	if r.Verdict != report.Fail || r.Expectations[0].OK {
		t.Errorf("%+v", r)
	}
	if r.Run.Server.Built != server || !strings.HasPrefix(r.Run.Server.Image, "redis-chaos/local:redis-") || !strings.Contains(strings.Join(r.Notes, "\n"), server) {
		t.Errorf("server %+v, notes %q", r.Run.Server, r.Notes)
	}
	if swept, err := e.RemoveStale(t.Context()); slices.Contains(swept.Removed, r.Run.ID) { // an error may be another run's
		t.Errorf("the cluster counts as left behind: %v, %v", swept.Removed, err)
	}
	runs, err := e.Runs(t.Context())
	if err != nil || !slices.Contains(runs, r.Run.ID) {
		t.Errorf("the cluster was not kept: %v, %v", runs, err)
	}
}

// A disk that fills up under a run's artifacts is an error, before anything is
// deployed or at the end, and the cluster is gone either way.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a small disk")
	}
	t.Parallel()
	onDisk := func(t *testing.T, size string, opts Options) {
		if err := syscall.Mount("tmpfs", opts.Out, "tmpfs", 0, "size="+size); err != nil {
			t.Fatalf("mounting a small disk: %v", err)
		}
		t.Cleanup(func() { syscall.Unmount(opts.Out, 0) })
		_, err := Run(t.Context(), parsed(t, `{name: test-full-disk, duration: 2s, workloads: [{name: orders, clients: 2, rate: 100, keys: 10}]}`), opts)
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("the disk is full, and the error is %v", err)
		}
	}
	t.Run("before deploying", func(t *testing.T) {
		onEachRuntime(t, func(t *testing.T, opts Options) { onDisk(t, "4k", opts) })
	})
	t.Run("while running", func(t *testing.T) {
		// Local servers keep their data on the same disk, and would not start.
		inDocker(t, func(t *testing.T, opts Options) { onDisk(t, "40k", opts) })
	})
}

// Each kind of fault takes hold and heals on real containers, by the engine's
// own word, and the cluster is whole afterwards.
func TestEveryFaultTakesHoldAndHeals(t *testing.T) {
	onEachRuntime(t, func(t *testing.T, opts Options) {
		s := parsed(t, `
name: test-faults
duration: 9s
faults:
  - {at: 500ms, for: 1s, pause: {role: master, shard: 0}}
  - {at: 500ms, for: 1s, kill: {node: redis-replica-2, signal: TERM}}
  - {at: 500ms, for: 1s, stop: {role: replica, shard: 2}}
  - {at: 3s, for: 1s, disconnect: {node: redis-master-1, network: client}}
  - {at: 3s, for: 1s, disconnect: {node: redis-master-2, network: all}}
  - {at: 3s, for: 1s, disconnect: {role: replica, pick: random, network: cluster}}
  - {at: 6s, for: 500ms, kill: {node: redis-master-3, signal: STOP}}
  - {at: 6s, for: 500ms, kill: {node: redis-replica-3, signal: HUP}}
  - {at: 500ms, for: 1s, block: {role: master, shard: 1}}
  - {at: 500ms, for: 1s, starve: {role: master, shard: 2, cpu: 0.2%}}
expect: {failovers: 0, recovered: true}
`)
		outcome, err := Run(t.Context(), s, opts)
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		if r.Verdict != report.Pass {
			t.Errorf("%s: %+v, notes %q", r.Verdict, r.Expectations, r.Notes)
		}
		for i, f := range r.Faults {
			if f.Requested == nil || f.Effective == nil || f.Healed == nil || *f.Effective < *f.Requested || *f.Healed-*f.Effective < record.Millis(s.Faults[i].For.D().Seconds()*1000)-1 {
				t.Errorf("faults[%d], which is to last %s: %+v", i, s.Faults[i].For, f)
			}
		}
		// A server that is blocked, or that gets too little CPU, is there, and takes no writes.
		block, starve := len(r.Faults)-2, len(r.Faults)-1
		for fault, shard := range map[int]int{block: 1, starve: 2} {
			if !slices.ContainsFunc(r.Outages, func(o report.Outage) bool {
				return o.Shard == shard && o.Cause == report.OutageMasterDown && slices.ContainsFunc(o.Evidence, func(e report.Evidence) bool {
					return e.Kind == "fault" && e.Value == fmt.Sprintf("faults[%d]", fault)
				})
			}) {
				t.Errorf("nobody saw that faults[%d] hit shard %d: %+v", fault, shard, r.Outages)
			}
		}
	})
}

// A planned change of master is done as soon as it is asked for, and is not taken
// for a failover that nothing asked for.
func TestPlannedFailovers(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, `
name: test-planned
workloads:
  - {name: orders, type: set, clients: 4, rate: 300, keys: 100}
duration: 5s
faults:
  - {at: 500ms, failover: {shard: 0}}
  - {at: 1500ms, failover: {node: redis-replica-2, mode: force}}
  - {at: 2500ms, failover: {shard: 2, mode: takeover}}
expect: {failovers: 3, recovered: true}
`), opts)
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		if r.Verdict != report.Pass || len(r.Failovers) != 3 {
			t.Fatalf("%s: %+v, failovers %+v", r.Verdict, r.Expectations, r.Failovers)
		}
		for i, f := range r.Failovers {
			if f.Shard != i || f.Fault == nil || *f.Fault != i || f.Promoted == nil || *f.Promoted < 0 || f.FirstWrite == nil {
				t.Errorf("%+v", f)
			}
			if fault := r.Faults[i]; fault.Effective == nil || fault.Healed != nil || !slices.Equal(fault.Targets, []string{f.NewMaster}) {
				t.Errorf("%+v", fault)
			}
		}
		if story := strings.Join(prose.Story(r), "\n"); !strings.Contains(story, "redis-replica-1 was told to take over (CLUSTER FAILOVER).") {
			t.Errorf("%s", story)
		}
	})
}

// A replica that has become a master has nobody to take over from.
func TestFailoverAskedOfAMaster(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Runtime = RuntimeLocal
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	_, err := Run(t.Context(), parsed(t, "name: test-master\nduration: 5s\nfaults: [{at: 100ms, failover: {node: redis-master-1}}]\n"), opts)
	if err == nil || !strings.Contains(err.Error(), "faults[0] (failover): redis-master-1 is a master by now") {
		t.Errorf("%v", err)
	}
}

package variants

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/matrix"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis's pools log each failed dial
	os.Exit(m.Run())
}

// taken is the jobs of a source whose runs all come to the same.
func taken(t *testing.T, r *rounds, come func(batch.Job) batch.Done) (jobs []batch.Job) {
	t.Helper()
	for {
		job, more := r.Next()
		if !more {
			return jobs
		}
		jobs = append(jobs, job)
		done := come(job)
		done.Job = job
		if err := r.Done(done); err != nil {
			t.Fatal(err)
		}
	}
}

func passed(batch.Job) batch.Done {
	return batch.Done{Outcome: &experiment.Outcome{Result: &report.Result{Verdict: report.Pass, Run: report.Run{ID: "x", Server: record.Server{Name: "redis", Version: "7.0.15"}}}}}
}

// In each round, every variant gets a run with the same seed, in an order that the seed of the
// matrix decides.
func TestRounds(t *testing.T) {
	all := Of([]Setting{{Scenario: &scenarios.Scenario{}}}, nil, []string{"a", "b", "c"}, nil)
	source := func(seed int64) *rounds {
		return newRounds(t.Context(), &matrix.Matrix{Seed: seed}, all, "out", Options{Rounds: 20})
	}
	first, again, other := taken(t, source(1), passed), taken(t, source(1), passed), taken(t, source(2), passed)
	if len(first) != 60 {
		t.Fatalf("%d runs", len(first))
	}
	orders := map[string]bool{}
	for round := range slices.Chunk(first, 3) {
		var servers []string
		for _, job := range round {
			servers = append(servers, job.Server)
			if job.Seed == 0 || job.Seed != round[0].Seed || job.Out != filepath.Join("out", job.Server) {
				t.Errorf("%+v", job)
			}
		}
		orders[strings.Join(servers, "")] = true
		if slices.Sort(servers); !slices.Equal(servers, []string{"a", "b", "c"}) {
			t.Errorf("a round of %q", servers)
		}
	}
	if len(orders) < 2 || first[0].Seed == first[3].Seed {
		t.Errorf("all rounds are alike: %v", orders)
	}
	same := func(a, b batch.Job) bool { return a.Server == b.Server && a.Seed == b.Seed }
	if !slices.EqualFunc(first, again, same) || slices.EqualFunc(first, other, same) {
		t.Error("the seed does not decide the runs")
	}
}

// A variant of which nothing can be run is given up, and the others go on.
func TestVariantsThatCannotBeRun(t *testing.T) {
	all := Of([]Setting{{Scenario: &scenarios.Scenario{}}}, nil, []string{"good", "broken", "unable", "flaky"}, nil)
	m := &matrix.Matrix{Seed: 1}
	r := newRounds(t.Context(), m, all, "out", Options{Rounds: 5})
	count := map[string]int{}
	taken(t, r, func(job batch.Job) batch.Done {
		count[job.Server]++
		result := report.Result{Verdict: report.Error, Error: "no such directive\nas this", Run: report.Run{ID: "x"}}
		switch {
		case job.Server == "good", job.Server == "flaky" && count["flaky"] != 3:
			return passed(job)
		case job.Server == "unable":
			result.Skipped = true
		}
		return batch.Done{Outcome: &experiment.Outcome{Result: &result}, Err: errors.New(result.Error)}
	})
	r.conclude()
	m.Sum()
	for i, want := range []struct {
		runs, ran int
		unable    string
	}{{5, 5, ""}, {2, 0, "no such directive\nas this"}, {1, 0, "no such directive\nas this"}, {5, 4, ""}} {
		v := m.Variants[i]
		if len(v.Set.Runs) != want.runs || v.Passed != want.ran || v.Unable != want.unable {
			t.Errorf("%s: %d runs, %d passed, unable %q", v.Name, len(v.Set.Runs), v.Passed, v.Unable)
		}
	}
	if m.Verdict != report.Pass {
		t.Errorf("verdict %s", m.Verdict)
	}
}

// A real matrix of a server and of one that dies at its start, which is interrupted.
func TestRun(t *testing.T) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho 'Redis server v=7.0.15 sha=0'\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := parse.Scenario("s.yaml", []byte("name: test-matrix\nduration: 1s\nworkloads: [{name: orders, clients: 2, rate: 100, keys: 10}]\nexpect: {failovers: 1}\n"), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := 0
	o, err := Run(ctx, s, Of([]Setting{{Scenario: s}}, nil, []string{path, broken}, nil), Options{
		Rounds: 100, Command: func(int64) string { return "chaos matrix" },
		Options: batch.Options{Parallel: 1, Options: experiment.Options{Out: t.TempDir(), Runtime: experiment.RuntimeLocal, Progress: func(line string) {
			if strings.Contains(line, ": redis-server: ") {
				if ended++; ended == 2 {
					interrupt()
				}
			}
		}}},
	})
	if !errors.Is(err, context.Canceled) || o == nil {
		t.Fatalf("%+v, %v", o, err)
	}
	m := o.Matrix
	if m.Error == "" || m.How.Until != "interrupt" || m.Verdict != report.Fail || len(m.Variants[0].Set.Runs) != 2 || m.Variants[0].Set.Server.Version == "" {
		t.Errorf("%+v", m)
	}
	if v := m.Variants[1]; !strings.Contains(v.Unable, "ended with status 3") {
		t.Errorf("%+v", v)
	}
	if len(o.Reports) != 2 {
		t.Errorf("reports: %q", o.Reports)
	}
	for _, r := range m.Variants[0].Set.Runs {
		if _, err := os.Stat(filepath.Join(o.Dir, m.Variants[0].Dir, r.Dir, "report.html")); err != nil {
			t.Error(err)
		}
	}
	if latest, err := os.Readlink(filepath.Join(filepath.Dir(o.Dir), "latest")); err != nil || latest != m.ID {
		t.Errorf("latest is %s, %v", latest, err)
	}
}

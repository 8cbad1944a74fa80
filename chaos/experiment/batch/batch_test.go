package batch

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// list is a source of a few jobs, which remembers what it is told.
type list struct {
	jobs []Job
	done []Done
	fail error // told of the first run
}

func (l *list) Next() (Job, bool) {
	if len(l.jobs) == 0 {
		return Job{}, false
	}
	job := l.jobs[0]
	l.jobs = l.jobs[1:]
	return job, true
}

func (l *list) Done(d Done) error {
	l.done = append(l.done, d)
	return l.fail
}

func jobs(t *testing.T, n int) (all []Job) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	s, err := parse.Scenario("test.yaml", []byte("name: test-batch\nduration: 1s\nworkloads: [{name: w, type: set, clients: 1, rate: 50}]\n"), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	for i := range n {
		all = append(all, Job{Scenario: s, Seed: int64(i + 1), Out: out, Tag: i})
	}
	return all
}

// local is how runs are made in tests.
func local(parallel int, reuse Reuse) Options {
	return Options{Options: experiment.Options{Runtime: experiment.RuntimeLocal}, Parallel: parallel, Reuse: reuse}
}

func TestRunsAtOnceAndOnOneCluster(t *testing.T) {
	t.Parallel()
	l := &list{jobs: jobs(t, 4)}
	plan, err := Run(t.Context(), l, local(2, ReuseAlways))
	if err != nil {
		t.Fatal(err)
	}
	var seeds []int64
	again := 0
	for _, d := range l.done {
		if d.Err != nil || d.Outcome.Result.Verdict != report.Pass || d.Took <= 0 || d.Cluster < 1 || d.Cluster > plan.Clusters {
			t.Errorf("%+v", d)
			continue
		}
		seeds = append(seeds, d.Outcome.Result.Run.Seed)
		if d.Served > 0 {
			again++
		}
	}
	slices.Sort(seeds)
	if !slices.Equal(seeds, []int64{1, 2, 3, 4}) {
		t.Errorf("seeds %v", seeds)
	}
	if plan.Parallel != 2 || plan.Clusters+again != 4 || again < 1 || !strings.Contains(plan.ReuseWhy, "as asked for") {
		t.Errorf("%+v, %d again", plan, again)
	}
}

func TestABatchEnds(t *testing.T) {
	t.Parallel()
	refused := errors.New("that is enough")
	l := &list{jobs: jobs(t, 4), fail: refused}
	if _, err := Run(t.Context(), l, local(1, ReuseNever)); !errors.Is(err, refused) || len(l.done) != 1 {
		t.Errorf("%v after %d runs", err, len(l.done))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l = &list{jobs: jobs(t, 4)}
	if _, err := Run(ctx, l, local(2, ReuseAuto)); !errors.Is(err, context.Canceled) || len(l.done) != 0 {
		t.Errorf("%v after %d runs", err, len(l.done))
	}
}

// Where nobody says how many runs are to be made at once, the first one shows it.
func TestTheMachineChooses(t *testing.T) {
	t.Parallel()
	l := &list{jobs: jobs(t, 2)}
	plan, err := Run(t.Context(), l, local(0, ReuseAuto))
	if err != nil || len(l.done) != 2 || plan.Parallel < 1 || !strings.Contains(plan.Why, "cores") {
		t.Errorf("%+v, %v, %d runs", plan, err, len(l.done))
	}
}

func TestFit(t *testing.T) {
	for name, test := range map[string]struct {
		gauge    gauge
		busy     float64
		byMemory int
		want     int
		why      string
	}{
		"room for two":       {gauge{cores: 2}, 0.7, 100, 2, "one takes 0.70 of 2 cores"},
		"others are busy":    {gauge{cores: 2, idle: 1}, 1.7, 100, 1, "one takes 0.70 of 2 cores, and others take 1.00"},
		"none at all":        {gauge{cores: 2, idle: 2}, 2, 100, 1, "one takes 0.05 of 2 cores, and others take 2.00"},
		"little memory":      {gauge{cores: 8}, 0.7, 3, 3, "one takes 0.70 of 8 cores, and the memory holds no more"},
		"a machine of those": {gauge{cores: 128}, 0.7, 1000, MostParallel, "one takes 0.70 of 128 cores"},
	} {
		if got, why := test.gauge.fit(test.busy, test.byMemory); got != test.want || why != test.why {
			t.Errorf("%s: %d, %q", name, got, why)
		}
	}
}

package soak

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
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/random"
	"github.com/redis-chaos/redis-chaos/chaos/shrink"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

const rounds20s = `name: test-soak
duration: 20s
workloads: [{name: w, type: set, clients: 1, rate: 50, client: {preset: fast-failover}}]
random:
  every: 2s
  for: 500ms-3s
  at_most: 3
  allow_quorum_loss: true
  faults:
    - kill: {role: master, pick: random}
    - kill: {role: replica, pick: random}
    - {weight: 2, pause: {role: master, pick: random}}
expect: {lost_writes: 0}
`

func read(t *testing.T, text string) *scenarios.Scenario {
	t.Helper()
	s, err := parse.Scenario("test.yaml", []byte(text), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cluster is one of which it is made up what comes of a run. Every third run gets a new one.
type cluster struct {
	t     *testing.T
	runs  int
	by    string // the run that deployed the last one
	since int
	fails func([]scenarios.Fault) bool
	err   error // of every run
}

// run implements runner.
func (c *cluster) run(ctx context.Context, s *scenarios.Scenario, o experiment.Options) (*experiment.Outcome, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	plain, err := random.Plain(s, s.Seed)
	if err != nil {
		return nil, err
	}
	c.runs++
	id := fmt.Sprintf("%s-%d", s.Name, c.runs)
	dir := filepath.Join(o.Out, id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		c.t.Fatal(err)
	}
	result := &report.Result{Run: report.Run{ID: id, Seed: s.Seed}, Verdict: report.Pass}
	if c.err != nil {
		result.Verdict, result.Error = report.Error, c.err.Error()
		return &experiment.Outcome{Result: result, Dir: dir}, c.err
	}
	if c.by == "" || c.runs%3 == 1 {
		c.by, c.since = dir, c.runs
	}
	if _, err := os.Stat(c.by); err != nil {
		c.t.Errorf("run %d: the folder of the cluster was removed: %v", c.runs, err)
	}
	for range plain.Faults {
		result.Faults = append(result.Faults, report.Fault{})
	}
	result.Writes.Acked = 100
	e := report.Expectation{Name: "lost_writes", Want: "== 0", OK: true, Shown: "0"}
	if c.fails(plain.Faults) {
		e.OK, e.Shown = false, "7"
		result.Verdict = report.Fail
	}
	result.Expectations = []report.Expectation{e}
	return &experiment.Outcome{Result: result, Dir: dir, Cluster: filepath.Base(c.by), Served: c.runs - c.since}, nil
}

// killed lists the nodes that are killed.
func killed(all []scenarios.Fault) (nodes []string) {
	for _, f := range all {
		if f.Kind == "kill" {
			nodes = append(nodes, f.Spec.(chaos.Fault).Targets().String())
		}
	}
	return nodes
}

func folders(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWhatASoakFindsIsShrunkAndWritten(t *testing.T) {
	c := &cluster{t: t, fails: func(all []scenarios.Fault) bool {
		nodes := killed(all)
		return slices.Contains(nodes, "redis-master-2") && slices.Contains(nodes, "redis-replica-2")
	}}
	s := read(t, rounds20s)
	var told []string
	outcome, err := Run(t.Context(), s, Options{
		Options: experiment.Options{Out: t.TempDir(), Progress: func(text string) { told = append(told, text) }},
		For:     time.Minute, Seed: 7, Shrink: &Shrinking{Runs: 4, Confirm: 3}, made: c.run,
	})
	if err != nil {
		t.Fatal(err)
	}
	r := outcome.Soak
	if r.Ended != WasFound || r.Found == nil || r.Found.Round != r.Rounds || r.Rounds < 2 || r.Found.Violated[0] != (Violation{"lost_writes", "== 0", "7"}) {
		t.Fatalf("%+v, %+v", r, r.Found)
	}
	if x := r.Shrunk; x == nil || x.Ended != shrink.Smallest || x.Left != 2 || x.Of != 3 || x.FailedOf != 3 || x.Missed == nil {
		t.Fatalf("%+v", r.Shrunk)
	}
	// The scenarios that are written are plain, and what was run.
	found, _, err := parse.Load(t.Context(), r.Found.Schedule, experiment.Catalog(), nil)
	if err != nil || found.Seed != r.Found.Seed || len(found.Faults) != r.Found.Faults || found.Random != nil {
		t.Errorf("%+v, %v", found, err)
	}
	shrunk, _, err := parse.Load(t.Context(), r.Shrunk.Schedule, experiment.Catalog(), nil)
	if err != nil || len(shrunk.Faults) != 2 || !c.fails(shrunk.Faults) || shrunk.Duration >= s.Duration {
		t.Errorf("%+v, %v", shrunk, err)
	}
	// Of the runs, one that was found and one that was shrunk are left.
	want := []string{"found.yaml", "scenario.yaml", "shrink.json", "shrunk.yaml", "junit.xml", "soak.html", "soak.json", filepath.Base(r.Found.Dir), filepath.Base(r.Shrunk.Dir)}
	slices.Sort(want)
	if got := folders(t, outcome.Dir); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	var written Soak
	text, err := os.ReadFile(filepath.Join(outcome.Dir, "soak.json"))
	if err := errors.Join(err, json.Unmarshal(text, &written)); err != nil || written.Schema != Schema || written.Shrunk.Left != 2 || written.Rounds != r.Rounds {
		t.Errorf("%v: %s", err, text)
	}
	if n := len(written.Made); n != r.Rounds || written.Made[n-1].Verdict != report.Fail || written.Made[n-1].Seed != r.Found.Seed || written.Made[0].Verdict != report.Pass || written.Made[0].Acked != 100 {
		t.Errorf("rounds %+v", written.Made)
	}
	for name, wants := range map[string][]string{
		"soak.html": {"FAIL", "test-soak, ", "did not hold", "lost_writes: want == 0, got 7", "It failed in 3 of 3 runs"},
		"junit.xml": {fmt.Sprintf(`tests="%d" failures="1" errors="0"`, r.Rounds+1), fmt.Sprintf(`name="round %d (seed %d)"`, r.Rounds, r.Found.Seed), "lost_writes: want == 0, got 7"},
	} {
		text, err := os.ReadFile(filepath.Join(outcome.Dir, name))
		for _, want := range wants {
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s: %v, %q is not in\n%s", name, err, want, text)
			}
		}
	}
	if len(told) < r.Rounds+len(r.Shrunk.Trials) || !strings.HasPrefix(told[0], "round 1: PASS: ") || !strings.HasPrefix(told[r.Rounds-1], fmt.Sprintf("round %d: FAIL: ", r.Rounds)) {
		t.Errorf("%q", told)
	}
	for _, want := range []string{"FAIL: test-soak, ", "lost_writes: want == 0, got 7", "Shrunk: ", "It failed in 3 of 3 runs"} {
		if !strings.Contains(r.text(), want) {
			t.Errorf("%q is not in\n%s", want, r.text())
		}
	}
	// What it found is shrunk the same way by itself.
	c.by = ""
	again, err := Shrink(t.Context(), found, Options{Options: experiment.Options{Out: t.TempDir()}, Shrink: &Shrinking{Runs: 4, Confirm: 3}, made: c.run})
	if err != nil || again.Shrunk.Left != 2 || !slices.Equal(again.Shrunk.Violated, []string{"lost_writes"}) {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestASoakInWhichAllRoundsHoldLeavesNothingOfThem(t *testing.T) {
	c := &cluster{t: t, fails: func([]scenarios.Fault) bool { return false }}
	const long = 50 * time.Millisecond
	outcome, err := Run(t.Context(), read(t, rounds20s), Options{Options: experiment.Options{Out: t.TempDir()}, For: long, made: c.run})
	if err != nil {
		t.Fatal(err)
	}
	r := outcome.Soak
	if r.Ended != TimeUp || r.Rounds != c.runs || r.Seed == 0 || r.Acked != int64(100*c.runs) || r.Found != nil {
		t.Errorf("%+v after %d runs", r, c.runs)
	}
	if got := folders(t, outcome.Dir); !slices.Equal(got, []string{"junit.xml", "scenario.yaml", "soak.html", "soak.json"}) {
		t.Errorf("left are %q", got)
	}
	if text := r.text(); !strings.HasPrefix(text, "PASS: test-soak, ") {
		t.Error(text)
	}
}

func TestASoakEndsWhereRunsCannotBeMade(t *testing.T) {
	broken := errors.New("no more processes")
	c := &cluster{t: t, err: broken}
	var warned []string
	outcome, err := Run(t.Context(), read(t, rounds20s), Options{
		Options: experiment.Options{Out: t.TempDir(), Warn: func(text string) { warned = append(warned, text) }}, For: time.Hour, made: c.run,
	})
	if !errors.Is(err, broken) || outcome.Soak.Ended != Failed || c.runs != mostBroken || len(warned) != mostBroken-1 {
		t.Errorf("%+v, %v, after %d runs; warned %q", outcome.Soak, err, c.runs, warned)
	}
	if !strings.Contains(outcome.Soak.Error, "3 runs in a row could not be carried out, the last one in ") {
		t.Error(outcome.Soak.Error)
	}
}

func TestASoakThatIsInterruptedWritesWhatIsKnown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &cluster{t: t, fails: func(all []scenarios.Fault) bool { return slices.Contains(killed(all), "redis-master-1") }}
	inner := c.run
	trials := 0
	made := func(ctx context.Context, s *scenarios.Scenario, o experiment.Options) (*experiment.Outcome, error) {
		if s.Random == nil { // it is being shrunk
			if trials++; trials == 8 {
				cancel()
			}
		}
		return inner(ctx, s, o)
	}
	outcome, err := Run(ctx, read(t, rounds20s), Options{Options: experiment.Options{Out: t.TempDir()}, For: time.Minute, Seed: 1, Shrink: &Shrinking{Runs: 3, Confirm: 3}, made: made})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	x := outcome.Soak.Shrunk
	if x == nil || x.Ended != shrink.Interrupted || !x.Reproduced() || x.Missed != nil {
		t.Fatalf("%+v", x)
	}
	shrunk, _, err := parse.Load(t.Context(), x.Schedule, experiment.Catalog(), nil)
	if err != nil || !c.fails(shrunk.Faults) {
		t.Errorf("%+v, %v", shrunk, err)
	}
}

// A round on a real cluster, in which all that is written is deleted, and what is left of it.
func TestARoundOnARealCluster(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	s := read(t, "name: test-soak\nduration: 1s\nworkloads: [{name: w, type: set, clients: 2, rate: 500, keys: 50, client: {preset: fast-failover}}]\nrandom:\n  every: 200ms\n  for: 50ms\n  at_most: 100\n  allow_quorum_loss: true\n  faults: [{flushall: {role: master, shard: 0}}]\nexpect: {lost_writes: 0}\n")
	outcome, err := Run(t.Context(), s, Options{Options: experiment.Options{Out: t.TempDir(), Runtime: experiment.RuntimeLocal}, For: time.Second, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	if r := outcome.Soak; r.Found == nil || r.Rounds != 1 || r.Lost == 0 || r.Faults == 0 {
		t.Errorf("%+v, %+v", r, r.Found)
	}
}

func TestWhatDoesNotFailIsNotShrunk(t *testing.T) {
	c := &cluster{t: t, fails: func([]scenarios.Fault) bool { return false }}
	outcome, err := Shrink(t.Context(), read(t, rounds20s), Options{Options: experiment.Options{Out: t.TempDir()}, Seed: 3, Shrink: &Shrinking{Runs: 4, Confirm: 3}, made: c.run})
	if err != nil {
		t.Fatal(err)
	}
	x := outcome.Shrunk
	if x.Reproduced() || x.Ended != shrink.NotReproduced || x.Runs != 4 || x.Schedule != "" || x.Missed != nil {
		t.Errorf("%+v", x)
	}
	if got := folders(t, outcome.Dir); !slices.Equal(got, []string{"scenario.yaml", "shrink.json"}) {
		t.Errorf("left are %q", got)
	}
	if want := "Not shrunk: 4 runs of test-soak in 0s, and none failed. With 95 % confidence, fewer than 49 % of its runs do."; strings.TrimSpace(x.text()) != want {
		t.Errorf("%s\nwant %s", x.text(), want)
	}
}

func TestAFigureOfWhatDidNotHappenIsNotViolated(t *testing.T) {
	expectation := func(ok bool, got any, why report.Why) report.Expectation {
		e := report.Expectation{Name: "failover_time", Want: "<= 5s", OK: ok, Got: got, Shown: "shown"}
		if why != "" {
			e.Reason = &report.Reason{Why: why}
		}
		return e
	}
	for name, test := range map[string]struct {
		e    report.Expectation
		want int
	}{
		"it holds":          {expectation(true, 4000.0, ""), 0},
		"it is violated":    {expectation(false, 6000.0, ""), 1},
		"no failover":       {expectation(false, nil, report.WhyNoFailover), 0},
		"only asked for":    {expectation(false, nil, report.WhyNobodyHadToSuspect), 0},
		"not replaced":      {expectation(false, nil, report.WhyNotReplaced), 1},
		"it was not looked": {expectation(false, nil, report.WhyNotRun), 1},
	} {
		if got := violated(&report.Result{Expectations: []report.Expectation{test.e}}, false); len(got) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	unknown := &report.Result{Outages: []report.Outage{{Finding: report.Finding{Cause: report.CauseUnknown}}}}
	if without, with := violated(unknown, false), violated(unknown, true); len(without) != 0 || len(with) != 1 || with[0].Name != unexplained {
		t.Errorf("%v, %v", without, with)
	}
}

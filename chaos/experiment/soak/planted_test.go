//go:build planted

package soak

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// planted builds the server with a defect, and reads the scenario that is to find it.
func planted(t *testing.T) (server string, s *scenarios.Scenario) {
	t.Helper()
	real, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	server = filepath.Join(t.TempDir(), "redis-server")
	if out, err := exec.Command("go", "build", "-ldflags", "-X main.server="+real, "-o", server, "./testdata/planted").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s, _, err = parse.Load(t.Context(), "testdata/planted.yaml", experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return server, s
}

func options(t *testing.T, seed int64) Options {
	return Options{
		Options: experiment.Options{Out: t.TempDir(), Runtime: experiment.RuntimeLocal, Progress: func(text string) { t.Log(text) }, Warn: func(text string) { t.Log(text) }},
		Seed:    seed, For: 20 * time.Minute, Shrink: &Shrinking{Runs: 6, Confirm: 5},
	}
}

// A server drops its append-only file when it was killed while its replica was away: a soak finds that, and shrinks it to
// as few faults as it takes.
func TestAPlantedDefectIsFoundAndShrunk(t *testing.T) {
	server, s := planted(t)
	for _, seed := range []int64{3, 4, 5} {
		o := options(t, seed)
		o.RedisServer = server
		began := time.Now()
		outcome, err := Run(t.Context(), s, o)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		found, shrunk := outcome.Soak.Found, outcome.Soak.Shrunk
		switch {
		case found == nil:
			t.Fatalf("seed %d: not found in %d rounds", seed, outcome.Soak.Rounds)
		case shrunk == nil || !shrunk.Reproduced():
			t.Fatalf("seed %d: found in round %d, and not shrunk: %+v", seed, found.Round, shrunk)
		}
		t.Logf("seed %d: found in round %d after %s, shrunk from %d faults to %d by %d runs; %s in all",
			seed, found.Round, outcome.Soak.Duration.D().Round(time.Second), found.Faults, shrunk.Left, shrunk.Runs, took.Round(time.Second))
		if shrunk.Left > 3 || took > 20*time.Minute {
			t.Errorf("seed %d: %d faults are left after %s; want at most 3, in 20 minutes", seed, shrunk.Left, took)
		}
		again, _, err := parse.Load(t.Context(), shrunk.Schedule, experiment.Catalog(), nil)
		if err != nil || len(again.Faults) != shrunk.Left {
			t.Errorf("%s: %v", shrunk.Schedule, err)
		}
	}
}

// Without the defect, no round loses a write: what is found is the defect.
func TestNothingIsFoundWithoutTheDefect(t *testing.T) {
	_, s := planted(t)
	o := options(t, 3)
	o.For = 3 * time.Minute
	outcome, err := Run(t.Context(), s, o)
	if err != nil || outcome.Soak.Found != nil || outcome.Soak.Lost > 0 {
		t.Fatalf("%v, %+v", err, outcome)
	}
	t.Logf("%d rounds lost none of %d acked writes", outcome.Soak.Rounds, outcome.Soak.Acked)
}

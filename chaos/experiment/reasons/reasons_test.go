package reasons

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis's pools log each failed dial
	os.Exit(m.Run())
}

// setting is a whole number from the environment; without one, not ok.
func setting(t *testing.T, name string) (n uint64, ok bool) {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		t.Fatalf("%s is %q; write a whole number of at least 1", name, text)
	}
	return n, true
}

// collected is what was found so far, by runs that go on beside each other.
type collected struct {
	mu    sync.Mutex
	tally *Tally
	// broken are the runs that break a rule, and aborted those that were not carried out.
	broken, aborted []string
}

// judge checks a finished run and counts it.
func (c *collected) judge(t *testing.T, dir string) {
	t.Helper()
	r, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	breaches := Check(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tally.Add(r)
	if r.Result.Error != "" {
		c.aborted = append(c.aborted, fmt.Sprintf("%s: %s", r.Scenario.Name, strings.ReplaceAll(r.Result.Error, "\n", "; ")))
	}
	failed := false
	for _, b := range breaches {
		c.broken = append(c.broken, fmt.Sprintf("%s: %v", r.Scenario.Name, b))
		if b.Excused {
			t.Log(b)
			continue
		}
		t.Error(b)
		failed = true
	}
	if failed {
		text, err := os.ReadFile(filepath.Join(dir, "scenario.yaml"))
		t.Errorf("the run is in %s; its scenario (%v):\n%s", dir, err, text)
	}
}

// summary is told at the end, and kept beside the runs.
func (c *collected) summary(t *testing.T, dir string) {
	t.Helper()
	text := c.tally.String()
	for _, list := range []struct {
		name  string
		lines []string
	}{{"cut short", c.aborted}, {"breaches", c.broken}} {
		text += fmt.Sprintf("%-18s %d\n", list.name, len(list.lines))
		for _, line := range list.lines {
			text += fmt.Sprintf("%-18s %s\n", "", line)
		}
	}
	t.Logf("of the runs in %s:\n%s", dir, text)
	if err := os.WriteFile(filepath.Join(dir, "summary.txt"), []byte(text), 0o644); err != nil {
		t.Error(err)
	}
	if c.tally.TooManyUnknown() {
		t.Errorf("%.1f %% of the causes are unknown, and at most %.0f %% may be", 100*c.tally.Share(), 100*mostUnknown)
	}
}

// shortSeeds draw short runs that differ: see TestShortSeedsDiffer.
func shortSeeds() []uint64 { return []uint64{7, 25, 37} }

func TestShortSeedsDiffer(t *testing.T) {
	var all strings.Builder
	for _, seed := range shortSeeds() {
		drawn, err := Draw(seed, Limits{Networks: true, Short: true})
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(drawn.Text)
	}
	for _, part := range []string{"stop: {", "pause: {", "disconnect: {", "network: cluster", "replicas: 1", "replicas: 2", "type: set", "type: register", "appendonly: no"} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("no short run has %q", part)
		}
	}
}

// asked are the seeds to run: those that the environment asks for, or the short ones.
func asked(t *testing.T) (seeds []uint64, short bool) {
	t.Helper()
	runs, ok := setting(t, "REASONS_RUNS")
	if !ok {
		return shortSeeds(), true
	}
	first, ok := setting(t, "REASONS_SEED")
	if !ok {
		first = 1
	}
	for i := range runs {
		seeds = append(seeds, first+i)
	}
	return seeds, false
}

// Random schedules of faults are reported with true reasons. Three short runs by
// default; REASONS_RUNS long ones from the seed REASONS_SEED on, kept in REASONS_OUT,
// with make fuzz-reasons. With REASONS_DIR nothing is run, and the records that are
// somewhere in that folder are analysed and checked again.
func TestReasons(t *testing.T) {
	if dir := os.Getenv("REASONS_DIR"); dir != "" {
		checkAgain(t, dir)
		return
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	seeds, short := asked(t)
	limits := Limits{Networks: local.DetectMode().Lacks(compose.Networking) == "", Short: short}
	out := os.Getenv("REASONS_OUT")
	if out == "" {
		out = filepath.Join(os.TempDir(), "fuzz-reasons")
	}
	out = filepath.Join(out, time.Now().UTC().Format("20060102-150405.000"))
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	c := &collected{tally: NewTally()}
	t.Run("seeds", func(t *testing.T) {
		for _, seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				runSeed(t, c, seed, limits, out)
			})
		}
	})
	c.summary(t, out)
	if short && !t.Failed() { // otherwise they are to be looked at
		if err := os.RemoveAll(out); err != nil {
			t.Error(err)
		}
	}
}

// runSeed draws a scenario, carries it out and judges its report.
func runSeed(t *testing.T, c *collected, seed uint64, limits Limits, out string) {
	t.Helper()
	drawn, err := Draw(seed, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d scenarios were refused before this one", drawn.Refused)
	outcome, err := experiment.Run(t.Context(), drawn.Scenario, experiment.Options{
		Out: out, Runtime: experiment.RuntimeLocal, Tool: "fuzz-reasons", Warn: func(line string) { t.Log(line) },
	})
	switch {
	case outcome == nil || outcome.Result.Run.Duration == 0:
		t.Fatalf("nothing was run: %v", err)
	case err != nil:
		t.Logf("cut short: %v", err) // a fault that finds nothing to hit ends a run
	}
	c.judge(t, outcome.Dir)
}

// checkAgain judges all recorded runs that are somewhere in a folder.
func checkAgain(t *testing.T, root string) {
	t.Helper()
	c := &collected{tally: NewTally()}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "events.ndjson" {
			return err
		}
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) { c.judge(t, filepath.Dir(path)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.tally.Runs == 0 {
		t.Fatalf("there is no record of a run in %s", root)
	}
	c.summary(t, root)
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// failing is a scenario whose master dies, with little load.
const failing = `
name: test-tune
duration: 20s
workloads: [{name: orders, type: set, clients: 2, rate: 200, client: {preset: fast-failover}}]
faults: [{at: 5s, for: 10s, kill: {role: master, shard: 0}}]
`

// What cannot be swept is refused before anything is deployed, and it is said what would be right.
func TestTuneRefuses(t *testing.T) {
	file := write(t, "s.yaml", failing)
	for want, args := range map[string][]string{
		"no scenario; name a file":                {},
		"takes one scenario, not 2":               {file, file},
		"has no unit; write 500ms or 500s":        {file, "--param", "cluster-node-timeout=500,1000"},
		"an empty value":                          {file, "--param", "cluster-node-timeout="},
		"write NAME=VALUE,VALUE":                  {file, "--param", "cluster-node-timeout"},
		"is given twice":                          {file, "--param", "cluster-node-timeout=1s", "--param", "cluster.config.cluster-node-timeout=2s"},
		"give one of them":                        {file, "--param", "cluster-node-timeout=1s", "--point", "cluster-node-timeout=1s"},
		"of the same parameters":                  {file, "--point", "cluster-node-timeout=1s;cluster.replicas=1", "--point", "cluster-node-timeout=1s"},
		`unknown directive "cluster-node-timeot"`: {file, "--param", "cluster-node-timeot=1s"},
		"cluster.replicas":                        {file, "--param", "cluster.replicas=1,17"},
		"has no fault":                            {write(t, "n.yaml", shortScenario)},
		"known are freeze, block, cut and starve": {file, "--hiccup", "sneeze"},
		"write a time with its unit":              {file, "--tolerate", "1500"},
		"--max-lost many: write a number":         {file, "--max-lost", "many"},
		"--max-failover":                          {file, "--max-failover", "1s", "--tolerate", "2s"},
		"--failovers 0":                           {file, "--failovers", "0"},
		"--parallel 0":                            {file, "--parallel", "0"},
		"--reuse sometimes":                       {file, "--reuse", "sometimes"},
		"is not the folder of a sweep":            {"--resume", t.TempDir()},
		"opening the folder of a sweep":           {"--resume", filepath.Join(t.TempDir(), "none")},
		"--budget 0s: write a time":               {file, "--budget", "0s"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		code, stdout, stderr := chaosCommand(t, append([]string{"tune", "--out", out}, args...)...)
		if code != exitUsage || !strings.Contains(stderr, want) || stdout != "" {
			t.Errorf("%q: exit %d, want %q:\n%s%s", args, code, want, stdout, stderr)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q: something was made", args)
		}
	}
}

func TestTunePlan(t *testing.T) {
	code, stdout, stderr := chaosCommand(t, "tune", write(t, "s.yaml", failing), "--plan", "--param", "cluster-node-timeout=1s,5s", "--budget", "3m", "--parallel", "2")
	for _, want := range []string{"cluster-node-timeout  failures", "1s  ", "5s  ", "if 2 are made at once", "the budget is 3m"} {
		if code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, stdout, stderr)
		}
	}
}

// A sweep of one value: the failover is measured, hiccups are tried, and a value that the server
// does not take is marked. What is left of it can be gone on with, but not as another sweep.
func TestTune(t *testing.T) {
	needServer(t)
	t.Parallel()
	out := t.TempDir()
	code, stdout, stderr := chaosProcess(t, "tune", write(t, "s.yaml", failing), "--runtime", "local", "--out", out, "--json",
		"--param", "cluster-node-timeout=500ms", "--param", "appendfsync=everysec,whenever", "--failovers", "1", "--partitions", "0", "--trials", "3", "--parallel", "2", "--seed", "1")
	var tune struct {
		Schema string
		Points []struct {
			Values   []string
			Rejected string
			Failures []struct {
				Runs []struct {
					Dir    string
					Values map[string]any
				}
			}
			Hiccups []struct {
				Kind   string
				Trials []struct {
					Length record.Millis `json:"length_ms"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &tune); err != nil || code != exitExpectation || tune.Schema != "redis-chaos/tune/v1" || len(tune.Points) != 2 {
		t.Fatalf("exit %d, %v:\n%s%s", code, err, stdout, stderr)
	}
	good, bad := tune.Points[0], tune.Points[1]
	if good.Rejected != "" || len(good.Failures[0].Runs) != 1 || len(good.Hiccups) != 1 || len(good.Hiccups[0].Trials) != 3 {
		t.Fatalf("%+v\n%s", good, stderr)
	}
	if ms, ok := good.Failures[0].Runs[0].Values["failover_time"].(float64); !ok || ms < 500 {
		t.Errorf("failover_time %v", good.Failures[0].Runs[0].Values["failover_time"])
	}
	if bad.Rejected == "" || len(bad.Hiccups[0].Trials) != 0 {
		t.Errorf("%+v", bad)
	}
	dir := filepath.Join(out, "latest")
	for _, name := range []string{"tune.json", "tune.md", "tune.html", "scenario.yaml", good.Failures[0].Runs[0].Dir + "/report.html"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, args := range map[string][]string{
		"is a sweep over cluster-node-timeout=500ms appendfsync=everysec,whenever, not over": {"--param", "cluster-node-timeout=1s"},
		"is a sweep of another scenario":    {write(t, "s.yaml", failing+"seed: 3\n")},
		"is a sweep with the local runtime": {"--runtime", "docker"},
	} {
		if code, stdout, stderr := chaosProcess(t, append([]string{"tune", "--resume", dir}, args...)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit %d:\n%s%s", args, code, stdout, stderr)
		}
	}
	// All is there already, and nothing is run again.
	code, stdout, stderr = chaosProcess(t, "tune", "--resume", dir, "--quiet")
	if code != exitExpectation || !strings.Contains(stdout, "Not judged: 500ms") {
		t.Errorf("gone on: exit %d\n%s%s", code, stdout, stderr)
	}
	journaltest.NothingLeft(t, out)
}

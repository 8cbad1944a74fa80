package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/soak"
)

// drawing is a scenario with random faults and little load.
const drawing = `
name: test-soak
duration: 1s
workloads: [{name: orders, type: set, clients: 2, rate: 200, client: {preset: fast-failover}}]
random: {every: 200ms, for: 50ms, faults: [{flushall: {role: master, shard: 0}}]}
expect: {lost_writes: 0}
`

// What no round can be made of is refused before anything is deployed, and it is said what would be right.
func TestSoakAndShrinkRefuse(t *testing.T) {
	file := write(t, "s.yaml", drawing)
	nothingExpected := write(t, "n.yaml", strings.Replace(drawing, "expect: {lost_writes: 0}", "", 1))
	for want, args := range map[string][]string{
		"no scenario; name a file":              {"soak"},
		"chaos soak takes one scenario, not 2":  {"soak", file, file},
		"--for 0s: write a time such as 30m":    {"soak", file, "--for", "0s"},
		"has no random faults":                  {"soak", "master-kill"},
		"expects nothing":                       {"soak", nothingExpected},
		"--runs 0: 1 to 1000":                   {"soak", file, "--runs", "0"},
		"--confirm 1001: 1 to 1000":             {"soak", file, "--confirm", "1001"},
		"--shrink-for -1m0s: write a time":      {"soak", file, "--shrink-for=-1m"},
		"--runtime cloud: known are":            {"soak", file, "--runtime", "cloud"},
		"parse error":                           {"soak", file, "--for", "long"},
		"unknown key \"ever\"":                  {"soak", write(t, "k.yaml", strings.Replace(drawing, "every", "ever", 1))},
		"chaos shrink takes one scenario":       {"shrink", file, file},
		"has no faults, and nothing can be":     {"shrink", write(t, "f.yaml", "name: f\nduration: 2s\nworkloads: [{name: w}]\nexpect: {recovered: true}\n")},
		"no such file and no scenario of":       {"shrink", "found.yml"},
		"flag provided but not defined: -until": {"soak", file, "--until", "1h"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		code, stdout, stderr := chaosCommand(t, append([]string{args[0], "--out", out}, args[1:]...)...)
		if code != exitUsage || !strings.Contains(stderr, want) || stdout != "" {
			t.Errorf("%q: exit %d, want %q:\n%s%s", args, code, want, stdout, stderr)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q: something was made", args)
		}
	}
}

// A round that does not hold is told of as JSON, with the exit code of an expectation that failed.
func TestSoakFinds(t *testing.T) {
	needServer(t)
	t.Parallel()
	code, stdout, stderr := chaosProcess(t, "soak", write(t, "s.yaml", drawing), "--runtime", "local", "--for", "30s", "--seed", "5", "--no-shrink", "--json", "--quiet", "--out", t.TempDir())
	var got soak.Soak
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitExpectation || stderr != "" {
		t.Fatalf("exit %d, %v:\n%s%s", code, err, stdout, stderr)
	}
	if got.Found == nil || got.Found.Violated[0].Name != "lost_writes" || !strings.Contains(got.Command, "--seed 5") {
		t.Errorf("%+v", got)
	}
}

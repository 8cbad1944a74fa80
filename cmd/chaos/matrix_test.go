package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// A matrix in which nothing can be run ends with 3, and its reports say why.
func TestMatrixOfBrokenServers(t *testing.T) {
	out := t.TempDir()
	server := func(says string) string {
		return write(t, "redis-server", "#!/bin/sh\necho "+says+"\n")
	}
	args := []string{"matrix", write(t, "s.yaml", shortScenario), "--runtime", "local", "--out", out, "--repeat", "3", "--quiet",
		"--redis-server", server("hello") + "," + server("Redis server v=5.0.7 sha=0")}
	code, stdout, stderr := chaosCommand(t, args...)
	for _, want := range []string{"ERROR: test-short on 2 variants, no run was carried out", "is not a Redis server", "redis 5.0.7 is too old", "matrix.html"} {
		if code != exitNotRun || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, stdout, stderr)
		}
	}
	journaltest.NothingLeft(t, out)
}

// Presets are compared on one server; the exit code says that an expectation failed, and --json
// prints nothing else. The command that is told makes the same again.
func TestMatrixOfPresets(t *testing.T) {
	needServer(t)
	out := t.TempDir()
	code, stdout, stderr := chaosCommand(t, "matrix", write(t, "s.yaml", shortScenario), "--preset", "default,patient", "--runtime", "local",
		"--repeat", "1", "--parallel", "2", "--json", "--out", out, "--set", "expect.failovers=1", "--set", "seed=7")
	var m struct {
		Schema, Command, Verdict string
		Variants                 []struct {
			Name, Preset string
			Set          struct {
				Runs []struct{ Failed []string }
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &m); err != nil || code != exitExpectation {
		t.Fatalf("exit %d, %v:\n%s%s", code, err, stdout, stderr)
	}
	if m.Schema != "redis-chaos/matrix/v1" || m.Verdict != "fail" || len(m.Variants) != 2 || m.Variants[1].Preset != "patient" || len(m.Variants[1].Set.Runs) != 1 {
		t.Errorf("%s", stdout)
	}
	if !strings.HasSuffix(m.Command, "s.yaml --preset default,patient --repeat 1 --parallel 2 --runtime local --set expect.failovers=1 --set seed=7") {
		t.Errorf("command: %s", m.Command)
	}
	scenario, err := filepath.Glob(filepath.Join(out, "latest", "patient", "*", "scenario.yaml"))
	if err != nil || len(scenario) != 1 {
		t.Fatalf("%q, %v", scenario, err)
	}
	if text, err := os.ReadFile(scenario[0]); err != nil || !strings.Contains(string(text), "preset: patient") {
		t.Errorf("%v:\n%s", err, text)
	}
	journaltest.NothingLeft(t, out)
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// A matrix in which nothing can be run ends with 3, and its reports say why.
func TestMatrixOfBrokenServers(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	server := func(says string) string {
		return write(t, "redis-server", "#!/bin/sh\necho "+says+"\n")
	}
	args := []string{"matrix", write(t, "s.yaml", shortScenario), "--runtime", "local", "--out", out, "--repeat", "3", "--quiet",
		"--redis-server", server("hello") + "," + server("Redis server v=5.0.7 sha=0")}
	code, stdout, stderr := chaosProcess(t, args...)
	for _, want := range []string{"ERROR: test-short on 2 variants, no run was carried out", "is not a Redis server", "redis 5.0.7 is too old", "matrix.html"} {
		if code != exitNotRun || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, stdout, stderr)
		}
	}
	journaltest.NothingLeft(t, out)
}

// Presets are compared on one server, with a value of a parameter; the exit code says that an expectation failed, and
// --json prints nothing else. The command that is told makes the same again.
func TestMatrixOfPresets(t *testing.T) {
	t.Parallel()
	needServer(t)
	out := t.TempDir()
	code, stdout, stderr := chaosProcess(t, "matrix", write(t, "s.yaml", shortScenario), "--preset", "default,patient", "--param", "appendfsync=always", "--runtime", "local",
		"--repeat", "1", "--parallel", "2", "--json", "--out", out, "--set", "expect.failovers=1", "--set", "seed=7")
	var m struct {
		Schema, Command, Verdict string
		Variants                 []struct {
			Name, Preset string
			Values       []string
			Set          struct {
				Runs []struct{ Failed []string }
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &m); err != nil || code != exitExpectation {
		t.Fatalf("exit %d, %v:\n%s%s", code, err, stdout, stderr)
	}
	if m.Schema != "redis-chaos/matrix/v1" || m.Verdict != "fail" || len(m.Variants) != 2 || m.Variants[1].Preset != "patient" || m.Variants[1].Name != "appendfsync=always, patient" ||
		!slices.Equal(m.Variants[1].Values, []string{"cluster.config.appendfsync=always"}) || len(m.Variants[1].Set.Runs) != 1 {
		t.Errorf("%s", stdout)
	}
	if !strings.HasSuffix(m.Command, "s.yaml --preset default,patient --param appendfsync=always --repeat 1 --parallel 2 --runtime local --set expect.failovers=1 --set seed=7") {
		t.Errorf("command: %s", m.Command)
	}
	scenario, err := filepath.Glob(filepath.Join(out, "latest", "appendfsync-always-patient", "*", "scenario.yaml"))
	if err != nil || len(scenario) != 1 {
		t.Fatalf("%q, %v", scenario, err)
	}
	if text, err := os.ReadFile(scenario[0]); err != nil || !strings.Contains(string(text), "preset: patient") || !strings.Contains(string(text), "appendfsync: always") {
		t.Errorf("%v:\n%s", err, text)
	}
	journaltest.NothingLeft(t, out)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/enginetest"
)

// All scenarios are run. What the runtime cannot do is skipped, with the reason, and
// fails nothing, unless there is nothing else.
func TestAllScenariosAreRun(t *testing.T) {
	needServer(t)
	names := write(t, "names.yaml", "name: test-names\nduration: 1s\ncluster: {announce: hostname}\n")
	short := write(t, "short.yaml", shortScenario)
	fails := write(t, "fails.yaml", strings.Replace(shortScenario, "lost_writes: 0", "failovers: 1", 1))
	for _, try := range []struct {
		scenarios []string
		code      int
		stdout    []string
	}{
		{[]string{names, short}, exitOK, []string{"SKIPPED: test-names: cluster.announce: hostname needs a runtime that can", "PASS: test-short"}},
		{[]string{names, fails, short}, exitExpectation, []string{"SKIPPED: test-names", "FAIL: test-short", "PASS: test-short"}},
		{[]string{names}, exitNotRun, []string{"SKIPPED: test-names"}},
		{[]string{names, names}, exitNotRun, []string{"SKIPPED: test-names"}},
	} {
		out := t.TempDir()
		code, stdout, stderr := chaosCommand(t, append([]string{"run", "--runtime", "local", "--quiet", "--out", out}, try.scenarios...)...)
		if code != try.code {
			t.Errorf("%d scenarios: exit %d, want %d; stderr:\n%s", len(try.scenarios), code, try.code, stderr)
		}
		for _, want := range try.stdout {
			if !strings.Contains(stdout, want) {
				t.Errorf("no %q in\n%s", want, stdout)
			}
		}
		units, err := filepath.Glob(filepath.Join(out, "test-names-*", "junit.xml"))
		if err != nil || len(units) == 0 {
			t.Fatalf("junit.xml of what was skipped: %v, %v", units, err)
		}
		if text, err := os.ReadFile(units[0]); err != nil || !strings.Contains(string(text), `errors="0" skipped="1"`) || !strings.Contains(string(text), "<skipped message=") {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// What went wrong beside an interrupt is told: something may be left to heal or remove.
func TestBeyondInterrupt(t *testing.T) {
	stuck := errors.New("it is stuck")
	canceled := fmt.Errorf("deploying: %w", context.Canceled)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"nothing":             {nil, "<nil>"},
		"only that":           {canceled, "<nil>"},
		"that twice":          {errors.Join(canceled, context.Canceled), "<nil>"},
		"a removal beside":    {errors.Join(canceled, stuck), "it is stuck"},
		"a removal wrapped":   {fmt.Errorf("deploying: %w", errors.Join(canceled, fmt.Errorf("removing: %w", stuck))), "removing: it is stuck"},
		"only something else": {fmt.Errorf("healing: %w", stuck), "healing: it is stuck"},
		"out of time":         {errors.Join(canceled, fmt.Errorf("removing: %w", context.DeadlineExceeded)), "removing: context deadline exceeded"},
	} {
		if got := fmt.Sprint(beyondInterrupt(test.err)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// The folder for runs may have any name: one with a colon in it, which parts the fields
// of a mount, too. What is there by the name of latest stays, and is told.
func TestOutOfAnyName(t *testing.T) {
	t.Parallel()
	needServer(t)
	scenario := write(t, "s.yaml", "name: test-out\nduration: 1s\ncluster: {replicas: 0}\nexpect: {recovered: true}\n")
	try := func(t *testing.T, runtime string) {
		t.Parallel()
		for _, name := range []string{"with:colon:ro", `a "b' $HOME #c`} {
			out := filepath.Join(t.TempDir(), name)
			if err := errors.Join(os.Mkdir(out, 0o755), os.WriteFile(filepath.Join(out, "latest"), []byte("mine"), 0o644)); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := chaosProcess(t, "run", scenario, "--runtime", runtime, "--quiet", "--out", out)
			if code != exitOK || strings.Count(stderr, filepath.Join(out, "latest")+" is a file") != 1 {
				t.Errorf("%s: exit %d\n%s%s", name, code, stdout, stderr)
			}
			for _, file := range []string{"result.json", "report.md", "report.html", "junit.xml", "latency.hlog", "events.ndjson", "logs/redis-master-1.log"} {
				if found, err := filepath.Glob(filepath.Join(out, "test-out-*", file)); err != nil || len(found) != 1 {
					t.Errorf("%s: %s: %q, %v", name, file, found, err)
				}
			}
			if text, err := os.ReadFile(filepath.Join(out, "latest")); err != nil || string(text) != "mine" {
				t.Errorf("latest: %q, %v", text, err)
			}
		}
	}
	t.Run("local", func(t *testing.T) { try(t, "local") })
	t.Run("docker", func(t *testing.T) {
		enginetest.Need(t)
		try(t, "docker")
	})
}

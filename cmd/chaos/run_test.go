package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// What may be other than intended is told, with its position, on stderr, and fails nothing.
func TestWarningsAreToldAndFailNothing(t *testing.T) {
	needServer(t)
	const yaml = "name: test-warned\nduration: 1s\ncluster: {announce: hostname}\nworkloads: [{name: orders}]\nfaults: [{at: 100ms, kill: {role: master, shard: 0}}]\n"
	file := write(t, "warned.yaml", yaml)
	told := "warning: " + file + ":4:13: the clients of workload orders reload the topology every 1m, longer than the run of 1s: "
	code, stdout, stderr := chaosCommand(t, "validate", file)
	if code != exitOK || !strings.HasPrefix(stderr, told) || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stdout, "test-warned: valid: ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	// The local runtime announces no names, and so the run ends before it begins.
	code, stdout, stderr = chaosCommand(t, "run", "--runtime", "local", "--json", "--quiet", "--out", t.TempDir(), file)
	if code != exitNotRun || !strings.HasPrefix(stderr, told) || !json.Valid([]byte(stdout)) {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	file = write(t, "bad.yaml", yaml+"seed: x\n")
	if code, _, stderr := chaosCommand(t, "validate", file); code != exitUsage || strings.Contains(stderr, "warning") {
		t.Errorf("a bad scenario: exit %d\n%s", code, stderr)
	}
}

// The scenarios that come with the program mean what they do.
func TestTheLibraryGetsNoWarnings(t *testing.T) {
	if code, _, stderr := chaosCommand(t, append([]string{"validate"}, scenarios.Library()...)...); code != exitOK || stderr != "" {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}

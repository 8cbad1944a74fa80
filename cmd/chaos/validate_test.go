package main

import (
	"encoding/json"
	"runtime"
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

// What a run takes is told, and one that this machine cannot hold is refused before
// anything is deployed.
func TestWhatARunTakes(t *testing.T) {
	file := write(t, "small.yaml", "name: small\nduration: 10s\nworkloads: [{name: orders, rate: 1000, value_size: 1KB}]\n")
	code, stdout, stderr := chaosCommand(t, "validate", file)
	if want := "small: valid: 3×2 nodes, 1 workload, 0 faults, 10s\n  about 6 servers, 131 MiB of memory (109 MiB servers and program without a load, 21 MiB data, 1 MiB clients and notes of what they did), 20 MiB on disk\n"; code != exitOK || stdout != want || stderr != "" {
		t.Errorf("exit %d\n%s%swant\n%s", code, stdout, stderr, want)
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells how much memory there is")
	}
	file = write(t, "huge.yaml", "name: huge\nduration: 1h\nworkloads: [{name: orders, clients: 10000, value_size: 512MB}]\n")
	for _, command := range []string{"validate", "run"} {
		code, stdout, stderr := chaosCommand(t, command, file)
		if want := "workload orders: 10000 clients × 512MB, and this machine has "; code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "chaos: "+file+": the run takes 35 TiB of memory (") || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d\n%s%s", command, code, stdout, stderr)
		}
	}
}

// Steps whose moments follow from others, or from the run, are listed.
func TestStepsAreListed(t *testing.T) {
	file := write(t, "steps.yaml", `
name: steps
duration: 60s
workloads: [{name: orders}]
steady: {for: 3s}
faults:
  - {name: flaps, at: 5s, for: 2s, every: 10s, jitter: 2s, count: 3, kill: {role: replica, pick: random}}
  - {name: roll, after: {step: flaps, delay: 1s}, when: {cluster: whole, timeout: 20s}, rolling: 2, restart: {role: replica}}
  - {at: 6s, when: {failover: promoted, delay: 500ms}, optional: true, pause: {role: master, shard: 0}}
  - {at: 1s, for: 100ms, every: 1m, pause: {role: replica, shard: 0}}
`)
	want := `  steady for 3s first, within 30s
  flaps      kill     at 5s, for 2s, every 10s ± 2s, 3 times
  roll       restart  1s after flaps is over, when the cluster is whole (within 20s), rolling, 2 at a time
  faults[2]  pause    at 6s, 500ms after a failover reaches promoted, optional
`
	code, stdout, stderr := chaosCommand(t, "validate", file)
	if code != exitUsage || !strings.Contains(stderr, ":10:33: faults[3] comes only once: ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = chaosCommand(t, "validate", "--set", "faults[3].every=20s", file)
	if want += "  faults[3]  pause    at 1s, for 100ms, every 20s, until the end\n"; code != exitOK || !strings.HasSuffix(stdout, want) {
		t.Errorf("exit %d\n%s%swant\n%s", code, stdout, stderr, want)
	}
}

// The scenarios that come with the program mean what they do.
func TestTheLibraryGetsNoWarnings(t *testing.T) {
	if code, _, stderr := chaosCommand(t, append([]string{"validate"}, scenarios.Library()...)...); code != exitOK || stderr != "" {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/fakeengine"
)

// A network that the engine will not remove fails the removal of its own run, and
// nothing else.
func TestDownBesideALeftNetwork(t *testing.T) {
	engine := fakeengine.Start(t)
	t.Setenv("DOCKER_HOST", engine.Host)
	engine.Add(fakeengine.Networks, "stuck", map[string]string{compose.RunLabel: "test-stuck"}, true)
	const told = "the engine will not remove the network stuck of run test-stuck"
	for _, try := range []struct {
		args   []string
		code   int
		stdout string
		stderr string // begins with
	}{
		{[]string{"down"}, exitOK, "up: nothing to remove\n", ""},
		{[]string{"down", "test-other"}, exitOK, "test-other: nothing to remove\n", ""},
		{[]string{"down", "test-stuck"}, exitNotRun, "", "chaos: " + told},
		{[]string{"down"}, exitOK, "up: nothing to remove\n", ""},
		{[]string{"down", "test-stuck", "test-other"}, exitNotRun, "test-other: nothing to remove\n", "chaos: " + told},
		{[]string{"down", "--all"}, exitOK, "", "chaos: " + told},
		{[]string{"status"}, exitNotRun, "", "chaos: no cluster is up"},
	} {
		code, stdout, stderr := chaosCommand(t, try.args...)
		if code != try.code || stdout != try.stdout || !strings.HasPrefix(stderr, try.stderr) || (try.stderr == "" && stderr != "") {
			t.Errorf("chaos %s: exit %d, %q, stderr:\n%s", strings.Join(try.args, " "), code, stdout, stderr)
		}
	}
	if !slices.Equal(engine.Names(), []string{"networks/stuck"}) {
		t.Errorf("there is %v", engine.Names())
	}
	engine.Restart()
	if code, stdout, stderr := chaosCommand(t, "down", "test-stuck"); code != exitOK || stdout != "test-stuck: removed\n" {
		t.Errorf("once the engine lets go: exit %d, %q, %s", code, stdout, stderr)
	}
}

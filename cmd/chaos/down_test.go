package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/fakeengine"
)

// A network that the engine will not remove fails the removal of its own run, and
// nothing else.
func TestDownBesideALeftNetwork(t *testing.T) {
	engine := fakeengine.Start(t)
	t.Setenv("DOCKER_HOST", engine.Host)
	engine.Add(fakeengine.Networks, "stuck", map[string]string{docker.RunLabel: "test-stuck"}, true)
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

// What another user has, whose journal cannot be seen, is left alone while it is in
// progress. What carries an empty run label is nobody's run.
func TestDownBesideAnotherUsersRun(t *testing.T) {
	engine := fakeengine.Start(t)
	t.Setenv("DOCKER_HOST", engine.Host)
	labels := map[string]string{docker.RunLabel: "test-live", docker.OwnerLabel: "another", docker.LifelineLabel: "stdin"}
	engine.AddRunning("lifeline", labels)
	engine.Add(fakeengine.Volumes, "data", map[string]string{docker.RunLabel: "test-live", docker.OwnerLabel: "another"}, false)
	engine.Add(fakeengine.Containers, "lifeline-of-a-killed-one", map[string]string{docker.RunLabel: "test-over", docker.LifelineLabel: "stdin"}, false)
	engine.Add(fakeengine.Volumes, "kept", map[string]string{docker.RunLabel: "test-kept", docker.OwnerLabel: "another"}, false)
	engine.Add(fakeengine.Volumes, "foreign", map[string]string{docker.RunLabel: ""}, false)
	for _, try := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"down", "test-live"}, exitNotRun, "", "chaos: run \"test-live\" is in progress (of another user, or on another machine): end that first\n"},
		{[]string{"down", "--all"}, exitOK, "test-kept: removed\ntest-live: left alone, it is in progress (of another user, or on another machine)\ntest-over: removed\n", ""},
		{[]string{"down"}, exitOK, "up: nothing to remove\n", ""}, // no trace of it in the journal
		{[]string{"down", ""}, exitUsage, "", "chaos: a cluster's name cannot be empty; `chaos down --help` shows what it takes\n"},
	} {
		code, stdout, stderr := chaosCommand(t, try.args...)
		if code != try.code || stdout != try.stdout || stderr != try.stderr {
			t.Errorf("chaos %s: exit %d, %q, stderr:\n%s", strings.Join(try.args, " "), code, stdout, stderr)
		}
	}
	names := engine.Names()
	if slices.Sort(names); !slices.Equal(names, []string{"containers/lifeline", "volumes/data", "volumes/foreign"}) {
		t.Errorf("there is %v", names)
	}
}

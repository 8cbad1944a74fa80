// Package conformance holds what every compose.Runtime has to do, as tests that any of them can be put
// to.
package conformance

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Test puts a runtime to all tests.
func Test(t *testing.T, r Runtime) {
	// Nodes that are away are noticed soon, and nobody takes over for them.
	c := r.deploy(t, "shared", 3, 1, map[string][]string{
		"cluster-node-timeout": {"1000"}, "cluster-replica-no-failover": {"yes"},
		"repl-timeout": {"5"}, "repl-ping-replica-period": {"1"}, // a replication link that a fault cut is given up soon
		"appendfsync": {"always"}, // what was answered outlives a kill, however busy the disk is
	})
	for _, test := range []struct {
		name string
		run  func(*testing.T, *subject)
	}{
		{"nodes are who they are said to be", testNodes},
		{"redis-cli finds the cluster formed as it should be", testFormed},
		{"a node is dialled by address and by name", testDial},
		{"a killed node comes back with its data and identity", testKillAndStart},
		{"a stopped node ends in good order", testStop},
		{"a paused node answers again when it is unpaused", testPause},
		{"a paused node can be killed", testKillPaused},
		{"SIGSTOP and SIGCONT halt a node and let it go on", testHalt},
		{"what cannot be done to a node that is down", testDownNode},
		{"a node gets no more than its share of a CPU, until that limit is lifted", testLimitCPU},
		{"its clock can be compared with that of this machine", testClock},
		{"a log is followed from its start, through all that happens to its node", testFollow},
		{"a log is told to its last line, even of a node that is down", testFollowEnds},
		{"a log can hold anything", testFollowAnything},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c.in(t)) })
	}
	if r.Lacks(compose.Networking) == "" {
		t.Run("off the cluster network, a node is reached by clients only", func(t *testing.T) { testOffCluster(t, c.in(t)) })
		t.Run("off the client network, a node is reached by nodes only", func(t *testing.T) { testOffClient(t, c.in(t)) })
		t.Run("a node can be off both networks, and restart there", func(t *testing.T) { testOffBoth(t, c.in(t)) })
		t.Run("a log is followed while its node is off a network", func(t *testing.T) { testFollowOffCluster(t, c.in(t)) })
	} else {
		t.Run("taking a node off a network is refused", func(t *testing.T) { testStaysOn(t, c.in(t)) })
	}
	if r.Lacks(compose.Seeing) == "" {
		t.Run("the process of its server is known", func(t *testing.T) { testPID(t, c.in(t)) })
	}
	t.Run("a second cluster stands beside it, and leaves nothing", func(t *testing.T) { testSideBySide(t, r, c.in(t)) })
}

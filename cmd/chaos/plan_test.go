package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestPlanPrintsTheTimeline(t *testing.T) {
	code, stdout, stderr := chaosCommand(t, "plan", "zone-outage", "majority-split")
	const want = `zone-outage: 3×2 nodes in zones a, b, c, 35s
  at 6s for 18s: kill (SIGKILL): all nodes in zone a
  at 35s: the workloads end
majority-split: 3×2 nodes, 35s
  at 6s for 18s: split (drop, both networks, clients with minority): a majority of the masters, with their replicas, and a minority, by the run's seed
      needs a runtime that can change what becomes of packets
  at 35s: the workloads end
`
	if code != exitOK || stdout != want || stderr != "" {
		t.Errorf("%d, %s\n%s", code, stdout, stderr)
	}
	code, stdout, _ = chaosCommand(t, "plan", "master-kill", "--json")
	var plans []plan
	if err := json.Unmarshal([]byte(stdout), &plans); err != nil || code != exitOK || len(plans) != 1 || len(plans[0].Steps) != 1 || plans[0].Steps[0].Targets != "the master of shard 0" {
		t.Errorf("%d, %v, %s", code, err, stdout)
	}
	if code, _, stderr := chaosCommand(t, "plan"); code != exitUsage || !strings.Contains(stderr, "no scenario") {
		t.Errorf("%d, %s", code, stderr)
	}
}

// Whom a plan would hit is said of a cluster of the scenario's shape only.
func TestPlanOnAClusterOfAnotherShape(t *testing.T) {
	var nodes []compose.Node
	for _, name := range compose.NodeNames(3, 1) {
		nodes = append(nodes, compose.Node{Name: name})
	}
	for want, wanted := range map[string]scenarios.Cluster{
		"":                         {Masters: 3, Replicas: 1},
		"it is for 3×3 nodes, and": {Masters: 3, Replicas: 2},
		"it has zones, and --on names a cluster without; start one by chaos up --zones a,b": {Masters: 3, Replicas: 1, Zones: []string{"a", "b"}},
	} {
		err := checkShape(wanted, nodes)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

package experiment

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const namesScenario = `
name: test-names
cluster: {announce: hostname}
workloads: [{name: orders, clients: 2, rate: 100, keys: 30}]
duration: 2s
faults: [{at: 500ms, for: 500ms, disconnect: {node: redis-replica-1, network: cluster}}]
expect: {failovers: 0, lost_writes: 0, recovered: true}
`

// Nodes that announce names find each other by them, the client library is sent to
// names, and what it meets there is told of the right node. A node that was off the
// cluster network has its name again afterwards.
func TestAnnouncedNames(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	opts := options(t)
	outcome, err := Run(t.Context(), parsed(t, namesScenario), opts)
	if err != nil {
		t.Fatal(err)
	}
	enginetest.NothingLeft(t, e, opts.Out)
	if r := outcome.Result; r.Verdict != report.Pass {
		t.Errorf("%s: %+v", r.Verdict, r.Expectations)
	}
	_, events, err := loadRun(t, outcome.Dir)
	if err != nil {
		t.Fatal(err)
	}
	acked := map[int]string{}
	for _, event := range events {
		switch d := event.Data.(type) {
		case *record.RunStarted:
			if d.Nodes[0].Address != "redis-master-1-bus:6379" {
				t.Errorf("announced: %+v", d.Nodes[0])
			}
		case *record.Acks:
			acked[d.Shard] = d.Node
		case *record.Probe:
			if d.Answer == "moved" && !strings.HasSuffix(d.To, "-bus:6379") {
				t.Errorf("%s is redirected to %s", d.Node, d.To)
			}
		}
	}
	if acked[0] != "redis-master-1" || acked[1] != "redis-master-2" || acked[2] != "redis-master-3" {
		t.Errorf("who acked writes, by shard: %v", acked)
	}
}

// Processes of this machine have no names; nothing is started for a scenario that
// needs them.
func TestAnnouncedNamesNeedDocker(t *testing.T) {
	opts := options(t)
	opts.Runtime = RuntimeLocal
	_, err := Run(t.Context(), parsed(t, namesScenario), opts)
	if err == nil || !strings.Contains(err.Error(), "cluster.announce: hostname needs a runtime that can give nodes names in a DNS of their own: ") || !strings.Contains(err.Error(), "--runtime docker") {
		t.Errorf("%v", err)
	}
}

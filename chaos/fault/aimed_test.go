package fault

import (
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// read reads a scenario of 3×1 nodes in three zones, with one fault.
func read(fault string) (*scenarios.Scenario, error) {
	const cluster = "name: t\nduration: 30s\ncluster: {zones: [a, b, c]}\n"
	return parse.Scenario("f.yaml", []byte(cluster+"faults:\n  - {at: 1s, "+fault+"}\n"), scenarios.Catalog{Faults: Kinds()}, nil)
}

// Targets are read in every form, written so that they read back, and told in words.
func TestTargetsOfFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"kill: {node: redis-master-1}":                                      "redis-master-1",
		"kill: {node: [redis-master-1, redis-replica-1], role: master}":     "the masters among redis-master-1 and redis-replica-1",
		"pause: {role: master, shard: [0, 2], count: 1}":                    "one of the masters of shards 0 and 2, by the run's seed",
		"pause: {key: \"{a}b\", role: replica}":                             `the replicas of the owner of key "{a}b" (slot 15495)`,
		"kill: {zone: a, except: {role: master}}":                           "all nodes in zone a but for all masters",
		"kill: {percent: 50%, except: [{node: redis-master-1}, {slot: 0}]}": "50% of all nodes but for redis-master-1 and the owner of slot 0, by the run's seed",
		"failover: {shard: 0}":                                              "one of the replicas of shard 0, by the run's seed",
		"failover: {pick: random}":                                          "one of all replicas, by the run's seed",
		"failover: {node: redis-replica-1, expect_role: replica}":           "redis-replica-1, if by then replica",
		"flushall: {zone: a}":                                               "all masters in zone a",
		"half_migrate: {slot: 5}":                                           "the owner of slot 5",
		"cluster_reset: {replica_of: redis-master-1}":                       "the replicas of redis-master-1",
	} {
		s, err := read(fault)
		if err != nil {
			t.Errorf("%s: %v", fault, err)
			continue
		}
		text, err := s.YAML()
		if err != nil {
			t.Errorf("%s: %v", fault, err)
			continue
		}
		again, err := parse.Scenario("again.yaml", text, scenarios.Catalog{Faults: Kinds()}, nil)
		if err != nil {
			t.Errorf("%s: %v\n%s", fault, err, text)
			continue
		}
		for _, s := range []*scenarios.Scenario{s, again} {
			if got := s.Faults[0].Spec.(chaos.Fault).Targets().String(); got != want {
				t.Errorf("%s:\n got %s\nwant %s", fault, got, want)
			}
		}
	}
}

// What is wrong with targets is told where it stands.
func TestWrongTargetsOfFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"kill: {node: [redis-master-1, redis-master-7]}":            `f.yaml:5:44: node[1]: no node "redis-master-7" in this cluster; its nodes are redis-master-1 to redis-master-3 and redis-replica-1 to redis-replica-3`,
		"kill: {role: master, shard: 3}":                            "f.yaml:5:42: shard: no shard 3 in a cluster of 3 masters; shards are numbered 0 to 2",
		"kill: {role: master, except: {zone: d}}":                   `f.yaml:5:50: zone: unknown zone "d"; did you mean "a"?`,
		"kill: {role: master, except: [{zone: a}, {zone: [b, d]}]}": `f.yaml:5:66: zone[1]: unknown zone "d"; did you mean "a"?`,
		"kill: {side: majority, count: 6}":                          "f.yaml:5:44: count: no more than 4 nodes can match here; write up to 4, or leave it out for all that match",
		"kill: {role: master, nodes: [redis-master-1]}":             `f.yaml:5:35: unknown key "nodes"; did you mean "node"?`,
		"kill: {zone: a, except: none}":                             `f.yaml:5:38: except: "none" where a list belongs`,
		"failover: {shard: 0, count: 2}":                            "f.yaml:5:24: failover: a failover is asked of one replica; write {shard: 0}, or a fault for each of several shards",
		"flushall: {replica_of: redis-master-1}":                    "f.yaml:5:24: flushall: a replica refuses FLUSHALL; write {role: master, shard: 0}",
		"kill: {node: redis-master-1, role: master}":                "f.yaml:5:49: role: one node has the role that it has by then: leave role out, or write expect_role: master, which leaves the step out unless it has that",
	} {
		_, err := read(fault)
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", fault, err, want)
		}
	}
}

// The settings of a kind have no names that its targets have.
func TestSettingsHaveNamesOfTheirOwn(t *testing.T) {
	for name, construct := range Kinds() {
		var keys []string
		for _, f := range codec.StructOf(construct()).Fields {
			if slices.Contains(keys, f.Name) {
				t.Errorf("%s: two settings are called %s", name, f.Name)
			}
			keys = append(keys, f.Name)
		}
	}
}

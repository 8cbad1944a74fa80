package aim

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// three is 3×1 nodes in three zones: redis-master-1 and redis-replica-3 in a, and so on.
var three = scenarios.Cluster{Masters: 3, Replicas: 1, Zones: []string{"a", "b", "c"}}

func TestSelectorCheck(t *testing.T) {
	alone := scenarios.Cluster{Masters: 3}
	percent := func(p units.Percent) *units.Percent { return &p }
	node := func(names ...string) OneOrMore[string] { return names }
	for _, test := range []struct {
		selector Selector
		cluster  scenarios.Cluster
		want     string // "" is no error
	}{
		{Selector{Node: node("redis-replica-3")}, three, ""},
		{Selector{Node: node("redis-replica-3", "redis-master-1"), Role: Master}, three, ""},
		{Selector{Node: node("redis-replica-3", "redis-master-1"), Count: new(1)}, three, ""},
		{Selector{Node: node("redis-master-1"), ExpectRole: Master}, three, ""},
		{Selector{Role: Master, Shard: []int{2}}, three, ""},
		{Selector{Role: Replica, Pick: "random"}, three, ""},
		{Selector{Role: Replica, Shard: []int{0}, Pick: "random"}, three, ""},
		{Selector{Role: Master}, three, ""},
		{Selector{Shard: []int{0, 2}}, three, ""},
		{Selector{Slot: new(16383)}, three, ""},
		{Selector{Key: "{orders}:1", Role: Replica}, three, ""},
		{Selector{ReplicaOf: "redis-replica-1", Zone: []string{"a"}}, three, ""}, // once that is a master
		{Selector{Side: Minority, Zone: []string{"a"}}, three, ""},
		{Selector{Zone: []string{"a", "b"}, Role: Master, Percent: percent(50)}, three, ""},
		{Selector{Zone: []string{"a"}, Except: Exceptions{{Role: Master}}}, three, ""},
		{Selector{Count: new(6)}, three, ""},

		{Selector{}, three, "no target: write {node: NAME}, {role: master, shard: 0} or {role: replica, pick: random}"},
		{Selector{Node: node("redis-master-4")}, three, `node: no node "redis-master-4" in this cluster; its nodes are redis-master-1 to redis-master-3 and redis-replica-1 to redis-replica-3`},
		{Selector{Node: node("redis-master-1", "redis-master-1")}, three, "node[1]: redis-master-1 is named twice; leave one out"},
		{Selector{Node: node("redis-master-1"), Role: Master}, three, "role: one node has the role that it has by then: leave role out, or write expect_role: master, which leaves the step out unless it has that"},
		{Selector{Node: node("redis-master-1"), Pick: "random"}, three, "node: node says which nodes are meant: leave out pick, or leave out node"},
		{Selector{Node: node("redis-master-1", "redis-master-2"), Shard: []int{0}, Zone: []string{"a"}}, three, "node: node says which nodes are meant: leave out shard and zone, or leave out node"},
		{Selector{Role: "slave", Shard: []int{0}}, three, `role: unknown role "slave"; known: master, replica`},
		{Selector{Role: Master, Shard: []int{3}}, three, "shard: no shard 3 in a cluster of 3 masters; shards are numbered 0 to 2"},
		{Selector{Role: Master, Shard: []int{1, 1}}, three, "shard[1]: shard 1 is named twice; leave one out"},
		{Selector{Shard: []int{1}, Slot: new(0)}, three, "slot: shard and slot each say where the nodes are; write one of them"},
		{Selector{Slot: new(16384)}, three, "slot: no slot 16384; slots are numbered 0 to 16383"},
		{Selector{Side: "left"}, three, `side: unknown side "left"; known: majority, minority`},
		{Selector{Side: Majority, Key: "k"}, three, "side: key and side each say where the nodes are; write one of them"},
		{Selector{Role: Master, ReplicaOf: "redis-master-1"}, three, "role: replica_of picks replicas: leave role out, or write node: redis-master-1 for the node itself"},
		{Selector{ReplicaOf: "redis-master-9"}, three, `replica_of: no node "redis-master-9" in this cluster; its nodes are redis-master-1 to redis-master-3 and redis-replica-1 to redis-replica-3`},
		{Selector{ReplicaOf: "redis-master-1"}, alone, "replica_of: this cluster has no replicas (cluster.replicas: 0)"},
		{Selector{Role: Replica, Shard: []int{0}}, alone, "role: this cluster has no replicas (cluster.replicas: 0)"},
		{Selector{Zone: []string{"a"}}, alone, "zone: this cluster has no zones; write cluster.zones: [a, b, c], and its nodes are spread over them"},
		{Selector{Zone: []string{"a", "north"}}, three, `zone[1]: unknown zone "north"; known: a, b, c`},
		{Selector{Zone: []string{"c"}, Shard: []int{0}}, three, "zone: none of the nodes of shard 0 is ever in zone c; write zone: a or b"},
		{Selector{Role: Master, Pick: "oldest"}, three, `pick: unknown pick "oldest"; known: random`},
		{Selector{Role: Master, Pick: "random", Count: new(2)}, three, "pick: count and pick each say how many of the nodes are picked; write one of them"},
		{Selector{Role: Master, Count: new(0)}, three, "count: 0 nodes are none; write count: 1 or more, or leave it out for all that match"},
		{Selector{Role: Master, Count: new(4)}, three, "count: no more than 3 nodes can match here; write up to 3, or leave it out for all that match"},
		{Selector{Side: Minority, Count: new(3)}, three, "count: no more than 2 nodes can match here; write up to 2, or leave it out for all that match"},
		{Selector{Role: Master, Except: Exceptions{{Shard: []int{0}}}, Count: new(3)}, three, "count: no more than 2 nodes can match here; write up to 2, or leave it out for all that match"},
		{Selector{Role: Master, Percent: percent(101)}, three, "percent: 101% is out of range; write more than 0% and up to 100%"},
		{Selector{Role: Master, Shard: []int{0}, Except: Exceptions{{Shard: []int{0, 1}}}}, three, "except: it leaves out all nodes that match: the master of shard 0 but for the nodes of shards 0 and 1"},
		{Selector{Role: Master, Except: Exceptions{{Shard: []int{0}}, {Shard: []int{3}}}}, three, "except[1].shard: no shard 3 in a cluster of 3 masters; shards are numbered 0 to 2"},
		{Selector{Role: Master, Except: Exceptions{{Shard: []int{0}, Except: Exceptions{{Role: Replica}}}}}, three, "except[0].except: an exception has none of its own; write what it leaves out as a fault's target"},
		{Selector{Shard: []int{0}, ExpectRole: Replica}, three, "expect_role: only a node by its name can have another role than expected; write role: replica, which picks nodes by the role that they have by then"},
		{Selector{Node: node("redis-master-1"), ExpectRole: "slave"}, three, `expect_role: unknown role "slave"; known: master, replica`},
	} {
		got := ""
		if err := test.selector.Check(test.cluster); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v:\n got %s\nwant %s", test.selector, got, test.want)
		}
	}
}

func TestSelectorsThatSpareMasters(t *testing.T) {
	for _, test := range []struct {
		s    Selector
		want bool
	}{
		{Selector{Role: Replica, Pick: "random"}, true},
		{Selector{Node: []string{"redis-replica-2"}}, true},
		{Selector{ReplicaOf: "redis-master-1"}, true},
		{Selector{Node: []string{"redis-master-1"}, ExpectRole: Replica}, true},
		{Selector{Role: Master, Pick: "random"}, false},
		{Selector{Node: []string{"redis-master-1"}}, false},
		{Selector{Node: []string{"redis-replica-1", "redis-master-1"}}, false},
		{Selector{Node: []string{"redis-replica-1", "redis-replica-2"}, Role: Master}, false},
		{Selector{Slot: new(0)}, false},
		{Selector{Zone: []string{"a"}}, false},
		{Selector{Zone: []string{"a"}, Except: Exceptions{{Role: Master}}}, false},
		{Selector{Count: new(1)}, false},
	} {
		if got := test.s.SparesMasters(); got != test.want {
			t.Errorf("%+v: %v", test.s, got)
		}
	}
}

var _ scenarios.MasterSparer = Selector{}

func TestSelectorsInWords(t *testing.T) {
	half := units.Percent(50)
	for want, s := range map[string]Selector{
		"redis-master-1, if by then master":                        {Node: []string{"redis-master-1"}, ExpectRole: Master},
		"the masters among redis-master-1 and redis-replica-1":     {Node: []string{"redis-master-1", "redis-replica-1"}, Role: Master},
		"the master of shard 0":                                    {Role: Master, Shard: []int{0}},
		"the replicas of shards 0, 1 and 2":                        {Role: Replica, Shard: []int{0, 1, 2}},
		"one of all replicas, by the run's seed":                   {Role: Replica, Pick: "random"},
		`the owner of key "a{b}" (slot 3300)`:                      {Key: "a{b}"},
		"the replicas of the owner of slot 7":                      {Slot: new(7), Role: Replica},
		"the masters on the side of the minority":                  {Side: Minority, Role: Master},
		"50% of all nodes in zones a and b, by the run's seed":     {Zone: []string{"a", "b"}, Percent: &half},
		"all nodes but for all masters and all nodes in zone a":    {Except: Exceptions{{Role: Master}, {Zone: []string{"a"}}}},
		"2 of the replicas of redis-master-1, by the run's seed":   {ReplicaOf: "redis-master-1", Count: new(2)},
		"one of the nodes of shard 0 in zone a, by the run's seed": {Shard: []int{0}, Zone: []string{"a"}, Count: new(1)},
	} {
		if got := s.String(); got != want {
			t.Errorf("%+v:\n got %s\nwant %s", s, got, want)
		}
	}
}

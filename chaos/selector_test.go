package chaos

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func shard(n int) *int { return &n }

func TestSelectorCheck(t *testing.T) {
	cluster := scenarios.Cluster{Masters: 3, Replicas: 1}
	for _, test := range []struct {
		selector Selector
		cluster  scenarios.Cluster
		want     string // "" is no error
	}{
		{Selector{Node: "redis-replica-3"}, cluster, ""},
		{Selector{Role: "master", Shard: shard(2)}, cluster, ""},
		{Selector{Role: "replica", Pick: "random"}, cluster, ""},
		{Selector{Role: "replica", Shard: shard(0), Pick: "random"}, cluster, ""},
		{Selector{}, cluster, "no target: write {node: NAME}, {role: master, shard: 0} or {role: replica, pick: random}"},
		{Selector{Node: "redis-master-4"}, cluster, `node: no node "redis-master-4" in this cluster; its nodes are redis-master-1 to redis-master-3 and redis-replica-1 to redis-replica-3`},
		{Selector{Node: "redis-master-1", Role: "master"}, cluster, "node: node stands alone: leave out role, shard and pick, or leave out node"},
		{Selector{Role: "slave", Shard: shard(0)}, cluster, `role: unknown role "slave"; known: master, replica`},
		{Selector{Role: "master"}, cluster, ""},
		{Selector{Role: "master", Shard: shard(3)}, cluster, "shard: no shard 3 in a cluster of 3 masters; shards are numbered 0 to 2"},
		{Selector{Role: "master", Pick: "oldest"}, cluster, `pick: unknown pick "oldest"; known: random`},
		{Selector{Role: "replica", Shard: shard(0)}, scenarios.Cluster{Masters: 3}, "role: this cluster has no replicas (cluster.replicas: 0)"},
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

func TestSelectorResolvesOnTheLiveTopology(t *testing.T) {
	// Shard 0 has failed over: its replica is the master now.
	topology := observe.Topology{
		{Node: "redis-master-1", Shard: 0}, {Node: "redis-master-2", Shard: 1, Master: true},
		{Node: "redis-replica-1", Shard: 0, Master: true}, {Node: "redis-replica-2", Shard: 1}, {Node: "redis-replica-5", Shard: 1},
	}
	for _, test := range []struct {
		selector Selector
		want     []string
	}{
		{Selector{Node: "redis-master-1"}, []string{"redis-master-1"}},
		{Selector{Role: "master", Shard: shard(0)}, []string{"redis-replica-1"}},
		{Selector{Role: "replica", Shard: shard(0)}, []string{"redis-master-1"}},
		{Selector{Role: "replica", Shard: shard(1)}, []string{"redis-replica-2", "redis-replica-5"}},
	} {
		got, err := test.selector.resolve(topology, rand.New(rand.NewPCG(1, 1)))
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, %v; want %v", test.selector, got, err, test.want)
		}
	}
	if _, err := (Selector{Role: "replica", Shard: shard(2)}).resolve(topology, nil); err == nil {
		t.Error("a shard without replicas: no error")
	}
}

// A random pick is of the living: not of nodes that have failed, nor of a former master
// that has lost its slots, whatever the seed.
func TestRandomPickIsAlive(t *testing.T) {
	topology := observe.Topology{
		{Node: "redis-master-1", Shard: -1, Master: true, Failed: true}, {Node: "redis-replica-1", Shard: 0, Master: true},
		{Node: "redis-master-2", Shard: 1, Master: true}, {Node: "redis-replica-2", Shard: 1, Failed: true}, {Node: "redis-replica-5", Shard: 1},
		{Node: "redis-master-3", Shard: 2, Master: true, Failed: true}, {Node: "redis-master-4", Shard: -1, Master: true},
	}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		for role, alive := range map[string][]string{"master": {"redis-replica-1", "redis-master-2"}, "replica": {"redis-replica-5"}} {
			got, err := Selector{Role: role, Pick: "random"}.resolve(topology, random)
			if err != nil || len(got) != 1 || !slices.Contains(alive, got[0]) {
				t.Fatalf("seed %d: a %s: %v, %v; want one of %v", seed, role, got, err, alive)
			}
		}
	}
	// The master of shard 2 is down, and nobody else is its master.
	if got, err := (Selector{Role: "master", Shard: shard(2)}).resolve(topology, nil); err != nil || !slices.Equal(got, []string{"redis-master-3"}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestRandomPickFollowsTheSeed(t *testing.T) {
	topology := observe.Topology{}
	for _, name := range []string{"a", "b", "c", "d"} {
		topology = append(topology, observe.Member{Node: name, Master: true})
	}
	pick := func(seed uint64) string {
		got, err := Selector{Role: "master", Pick: "random"}.resolve(topology, rand.New(rand.NewPCG(seed, 0)))
		if err != nil || len(got) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		return got[0]
	}
	picked := map[string]bool{}
	for seed := range uint64(50) {
		first, again := pick(seed), pick(seed)
		if first != again {
			t.Fatalf("seed %d picks %s, then %s", seed, first, again)
		}
		picked[first] = true
	}
	if len(picked) != 4 {
		t.Errorf("50 seeds pick only %v", picked)
	}
}

func TestSelectorsThatSpareMasters(t *testing.T) {
	for _, test := range []struct {
		s    Selector
		want bool
	}{
		{Selector{Role: "replica", Pick: "random"}, true},
		{Selector{Node: "redis-replica-2"}, true},
		{Selector{Role: "master", Pick: "random"}, false},
		{Selector{Node: "redis-master-1"}, false},
	} {
		if got := test.s.SparesMasters(); got != test.want {
			t.Errorf("%+v: %v", test.s, got)
		}
	}
}

// Every fault with a selector tells it.
var _ scenarios.MasterSparer = fake{}

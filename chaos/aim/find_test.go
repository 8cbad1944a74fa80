package aim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// find is the nodes that a selector finds, or the error.
func find(s Selector, t observe.Topology, seed int64) string {
	targets, err := s.Find(t, Draw{Seed: seed})
	if err != nil {
		return err.Error()
	}
	return strings.Join(targets.Nodes, " ")
}

func TestSelectorFindsOnTheLiveTopology(t *testing.T) {
	// Shard 0 has failed over: its replica is the master now. Slot 16383 was moved to shard 0.
	of := func(first, last int) []slots.Range { return []slots.Range{{First: first, Last: last}} }
	topology := observe.Topology{
		{Node: "redis-master-1", Shard: 0, Of: "redis-replica-1", Zone: "a"},
		{Node: "redis-master-2", Shard: 1, Master: true, Slots: of(5461, 10922), Zone: "b"},
		{Node: "redis-master-3", Shard: 2, Master: true, Slots: of(10923, 16382), Zone: "a"},
		{Node: "redis-replica-1", Shard: 0, Master: true, Slots: append(of(0, 5460), of(16383, 16383)...), Zone: "b"},
		{Node: "redis-replica-2", Shard: 1, Of: "redis-master-2", Zone: "a"},
		{Node: "redis-replica-5", Shard: 1, Of: "redis-master-2", Zone: "b"},
		{Node: "redis-replica-6", Shard: 1, Of: "redis-master-2", Zone: "b", Failed: true},
		{Node: "redis-master-4", Shard: -1, Master: true, Zone: "a"},
	}
	third := units.Percent(34)
	for _, test := range []struct {
		selector Selector
		want     string
	}{
		{Selector{Node: []string{"redis-master-1"}}, "redis-master-1"},
		{Selector{Node: []string{"redis-replica-6", "redis-master-1"}}, "redis-master-1 redis-replica-6"},
		{Selector{Node: []string{"redis-replica-1", "redis-master-1"}, Role: Master}, "redis-replica-1"},
		{Selector{Role: Master, Shard: []int{0}}, "redis-replica-1"},
		{Selector{Role: Replica, Shard: []int{0}}, "redis-master-1"},
		{Selector{Role: Replica, Shard: []int{1}}, "redis-replica-2 redis-replica-5"},
		{Selector{Role: Master}, "redis-master-2 redis-master-3 redis-replica-1"},
		{Selector{Shard: []int{0, 2}}, "redis-master-1 redis-master-3 redis-replica-1"},
		{Selector{Slot: new(16383)}, "redis-replica-1"},
		{Selector{Slot: new(16383), Role: Replica}, "redis-master-1"},
		{Selector{Key: "x{orders}y"}, "redis-replica-1"}, // slot 105
		{Selector{ReplicaOf: "redis-master-2"}, "redis-replica-2 redis-replica-5"},
		{Selector{ReplicaOf: "redis-master-2", Zone: []string{"a"}}, "redis-replica-2"},
		{Selector{ReplicaOf: "redis-master-1"}, "no node to pick: by now there is none of the replicas of redis-master-1"},
		{Selector{Role: Replica, Shard: []int{2}}, "no node to pick: by now there is none of the replicas of shard 2"},
		{Selector{Zone: []string{"a"}}, "redis-master-1 redis-master-3 redis-master-4 redis-replica-2"},
		{Selector{Zone: []string{"a"}, Role: Master}, "redis-master-3"},
		{Selector{Zone: []string{"a"}, Except: Exceptions{{Role: Master}, {Shard: []int{1}}}}, "redis-master-1 redis-master-4"},
		{Selector{Zone: []string{"a"}, Except: Exceptions{{ReplicaOf: "redis-master-1"}}}, "redis-master-1 redis-master-3 redis-master-4 redis-replica-2"},
		{Selector{Role: Replica, Count: new(5)}, "redis-master-1 redis-replica-2 redis-replica-5"}, // all that there are
		{Selector{Role: Master, Shard: []int{2}, Percent: &third}, "redis-master-3"},               // at least one
		{Selector{Node: []string{"redis-replica-1"}, ExpectRole: Master}, "redis-replica-1"},
		{Selector{Node: []string{"redis-master-2", "redis-master-1"}, ExpectRole: Master}, "redis-master-1 is a replica by now, where a master was expected"},
		{Selector{Node: []string{"redis-master-4"}, ExpectRole: Master}, "redis-master-4 is a master without slots, where one with slots was expected"},
		{Selector{Node: []string{"redis-master-9"}, ExpectRole: Replica}, "redis-master-9 is in no node's view of the cluster, where a replica was expected"},
	} {
		if got := find(test.selector, topology, 1); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.selector, got, test.want)
		}
	}
	if got := find(Selector{Slot: new(5)}, topology[1:3], 1); got != "no node owns slot 5" {
		t.Error(got)
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
	for seed := range int64(200) {
		for role, alive := range map[string][]string{Master: {"redis-replica-1", "redis-master-2"}, Replica: {"redis-replica-5"}} {
			if got := find(Selector{Role: role, Pick: "random"}, topology, seed); !slices.Contains(alive, got) {
				t.Fatalf("seed %d: a %s: %v; want one of %v", seed, role, got, alive)
			}
		}
	}
	// The master of shard 2 is down, and nobody else is its master.
	if got := find(Selector{Role: Master, Shard: []int{2}}, topology, 1); got != "redis-master-3" {
		t.Error(got)
	}
}

func TestRandomPickFollowsTheSeed(t *testing.T) {
	topology := observe.Topology{}
	for i, name := range []string{"a", "b", "c", "d"} {
		topology = append(topology, observe.Member{Node: name, Shard: i, Master: true})
	}
	half := units.Percent(50)
	for want, s := range map[int]Selector{4: {Role: Master, Pick: "random"}, 6: {Role: Master, Percent: &half}} {
		picked := map[string]bool{}
		for seed := range int64(100) {
			first, again := find(s, topology, seed), find(s, topology, seed)
			if first != again {
				t.Fatalf("seed %d picks %s, then %s", seed, first, again)
			}
			picked[first] = true
		}
		if len(picked) != want {
			t.Errorf("100 seeds pick %v of %s", picked, s)
		}
	}
	targets, err := Selector{Role: Master, Percent: &half}.Find(topology, Draw{Seed: 3})
	if want := "50% of all masters, by the run's seed: 2 of 4"; err != nil || targets.Why != want {
		t.Errorf("%q, %v, want %q", targets.Why, err, want)
	}
}

// The two sides are all shards, whatever the step, and the majority has more than half.
func TestSides(t *testing.T) {
	for _, masters := range []int{3, 4, 5, 30} {
		topology := formed(scenarios.Cluster{Masters: masters, Replicas: 1})[0]
		for seed := range int64(20) {
			side := func(side string, step int) []string {
				targets, err := Selector{Side: side, Role: Master}.Find(topology, Draw{Seed: seed, Step: step})
				if err != nil {
					t.Fatal(err)
				}
				return targets.Nodes
			}
			majority, minority := side(Majority, 0), side(Minority, 1)
			if len(majority) != masters/2+1 || len(minority) != masters-len(majority) {
				t.Errorf("%d masters: %d and %d", masters, len(majority), len(minority))
			}
			for _, n := range minority {
				if slices.Contains(majority, n) {
					t.Errorf("seed %d: %s is on both sides", seed, n)
				}
			}
			nodes, err := Selector{Side: Minority}.Find(topology, Draw{Seed: seed})
			if err != nil || len(nodes.Nodes) != 2*len(minority) {
				t.Errorf("with replicas: %v, %v", nodes.Nodes, err)
			}
		}
	}
}

// What is accepted of a cluster finds a node in it once it is formed, and after failovers: with
// every pair of settings, on some topology.
func TestAcceptedSelectorsFind(t *testing.T) {
	settings := []func(*Selector){
		func(s *Selector) { s.Node = []string{"redis-master-1", "redis-replica-2"} },
		func(s *Selector) { s.Role = Master }, func(s *Selector) { s.Role = Replica },
		func(s *Selector) { s.Shard = []int{1} }, func(s *Selector) { s.Slot = new(9) }, func(s *Selector) { s.ReplicaOf = "redis-replica-3" },
		func(s *Selector) { s.Side = Majority }, func(s *Selector) { s.Zone = []string{"b"} }, func(s *Selector) { s.Count = new(2) },
		func(s *Selector) { s.Except = Exceptions{{Role: Replica}} }, func(s *Selector) { s.Except = Exceptions{{Zone: []string{"b", "c"}}} },
	}
	accepted := 0
	for i, first := range settings {
		for j, second := range settings[i:] {
			var s Selector
			first(&s)
			second(&s)
			if s.Check(three) != nil {
				continue
			}
			accepted++
			found := ""
			for _, topology := range formed(three) {
				for seed := range int64(20) {
					if targets, err := s.Find(topology, Draw{Seed: seed}); err == nil {
						found = fmt.Sprint(targets.Nodes)
					}
				}
			}
			if found == "" {
				t.Errorf("%d and %d: %s finds nobody", i, i+j, s)
			}
		}
	}
	if accepted < 30 {
		t.Errorf("only %d are accepted", accepted)
	}
}

package network

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// What is lost follows from the groups, the networks, and whose packets it is.
func TestCuts(t *testing.T) {
	topology := observe.Topology{
		{Node: "m1", Shard: 0, Master: true}, {Node: "m2", Shard: 1, Master: true}, {Node: "m3", Shard: 2, Master: true},
		{Node: "r1", Shard: 0, Of: "m1"}, {Node: "r2", Shard: 1, Of: "m2"},
	}
	node := func(names ...string) aim.Selector { return aim.Selector{Node: names} }
	two := aim.Groups{Groups: map[string]aim.Selector{"a": node("m1", "r1"), "b": node("m2", "m3")}} // r2 is in none
	even := aim.Groups{Groups: map[string]aim.Selector{"a": node("m1"), "b": node("m2")}}
	for name, test := range map[string]struct {
		split Split
		want  string
	}{
		"at those without a majority":   {Split{Groups: two, Network: "cluster"}, "m1 > m2 m3 < m2 m3; r1 > m2 m3 < m2 m3"},
		"without a majority, at both":   {Split{Groups: even, Network: "cluster"}, "m1 > m2; m2 > m1"},
		"one way":                       {Split{Groups: two, Network: "cluster", From: "a"}, "m1 > m2 m3; r1 > m2 m3"},
		"the other way":                 {Split{Groups: two, Network: "cluster", From: "b"}, "m1 < m2 m3; r1 < m2 m3"},
		"clients with the minority":     {Split{Groups: two, Network: "all", Clients: "a"}, "m1 > m2 m3 < m2 m3; m2 > clients < clients; m3 > clients < clients; r1 > m2 m3 < m2 m3"},
		"clients only":                  {Split{Groups: two, Network: "client", Clients: "b"}, "m1 > clients < clients; r1 > clients < clients"},
		"clients do not hear one group": {Split{Groups: two, Network: "client", Clients: "b", From: "a"}, "m1 > clients; r1 > clients"},
		"clients are not heard":         {Split{Groups: two, Network: "client", Clients: "b", From: "b"}, "m1 < clients; r1 < clients"},
		"each hears its neighbours":     {Split{Groups: aim.Groups{Form: "ring"}, Network: "cluster"}, "m1 > m2 r2; m2 > m1 m3; m3 > m2 r1; r1 > m3 r2; r2 > m1 r1"}, // m1 r1 m2 r2 m3
	} {
		found, err := test.split.Find(topology, aim.Draw{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := inWords(found.Cuts); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
		if !slices.Equal(found.Nodes, slices.Sorted(maps.Keys(found.Cuts))) {
			t.Errorf("%s: the targets are %v of %v", name, found.Nodes, found.Cuts)
		}
	}
	overlap := Split{Groups: aim.Groups{Groups: map[string]aim.Selector{"a": {Role: aim.Master}, "b": node("r1", "m2")}}, Network: "cluster"}
	if _, err := overlap.Find(topology, aim.Draw{}); err == nil || err.Error() != "by now m2 is in group a and in group b; leave it out of one by except" {
		t.Error(err)
	}
}

// inWords is "m1 > m2 < m3" of a node whose packets to m2 and from m3 are lost.
func inWords(cuts map[string]aim.Cut) string {
	var all []string
	for _, node := range slices.Sorted(maps.Keys(cuts)) {
		text := node
		for sign, of := range []([]string){cuts[node].To, cuts[node].From} {
			if len(of) > 0 {
				text += []string{" > ", " < "}[sign] + strings.Join(slices.Sorted(slices.Values(of)), " ")
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func TestSplitSettings(t *testing.T) {
	node := func(names ...string) aim.Selector { return aim.Selector{Node: names} }
	groups := func(a, b aim.Selector) aim.Groups { return aim.Groups{Groups: map[string]aim.Selector{"a": a, "b": b}} }
	form := func(form string) aim.Groups { return aim.Groups{Form: form} }
	for _, test := range []struct {
		split Split
		want  string
	}{
		{Split{Groups: groups(node("redis-master-1"), node("redis-master-2"))}, ""},
		{Split{Groups: form("sides"), Network: "all", Clients: "minority", From: "majority", Mode: "reject"}, ""},
		{Split{Groups: aim.Groups{Form: "bridge", Bridge: &aim.Selector{ReplicaOf: "redis-master-1"}}}, ""},
		{Split{}, "no groups: write form: sides, or groups:"},
		{Split{Groups: aim.Groups{Groups: map[string]aim.Selector{"a": {Role: "master"}}}}, "groups: one group is not kept from anybody"},
		{Split{Groups: groups(node("redis-master-1"), aim.Selector{Role: "master"})}, "groups.b: redis-master-1 is in group a as well; leave it out of one by except"},
		{Split{Groups: groups(aim.Selector{Side: "minority"}, aim.Selector{Shard: []int{9}})}, "groups.b.shard: no shard 9"},
		{Split{Groups: groups(aim.Selector{Side: "minority"}, aim.Selector{Node: []string{"redis-master-1"}, ExpectRole: "master"})}, "groups.b.expect_role: groups are of the nodes"},
		{Split{Groups: aim.Groups{Form: "sides", Groups: map[string]aim.Selector{"a": {}}}}, "groups: form says which groups there are"},
		{Split{Groups: form("halves")}, `form: unknown form "halves"; known: sides, bridge, ring`},
		{Split{Groups: aim.Groups{Form: "ring", Bridge: &aim.Selector{}}}, "bridge: only form: bridge has one"},
		{Split{Groups: aim.Groups{Form: "bridge", Bridge: &aim.Selector{Count: new(5)}}}, "bridge: two groups have to be left beside it"},
		{Split{Groups: aim.Groups{Form: "bridge", Bridge: &aim.Selector{Slot: new(-1)}}}, "bridge.slot: no slot -1"},
		{Split{Groups: form("sides"), Clients: "minority"}, "clients: clients reach all nodes by their own network"},
		{Split{Groups: form("sides"), Network: "all"}, "network: which group do clients keep to? write clients: majority or clients: minority"},
		{Split{Groups: form("sides"), Network: "client", Clients: "a"}, `clients: unknown clients "a"; known: majority, minority`},
		{Split{Groups: form("bridge"), From: "minority"}, `from: unknown from "minority"; known: left, right`},
		{Split{Groups: form("ring"), Network: "client"}, "network: a ring has no groups"},
		{Split{Groups: form("ring"), From: "a"}, "from: a ring has no groups"},
		{Split{Groups: form("sides"), Network: "bus"}, `network: unknown network "bus"`},
		{Split{Groups: form("sides"), Mode: "lose"}, `mode: unknown mode "lose"; known: drop, reject`},
	} {
		if test.split.Network == "" {
			test.split.Network = "cluster"
		}
		if test.split.Mode == "" {
			test.split.Mode = "drop"
		}
		faulttest.Accepts(t, &test.split, test.want)
	}
}

// whoHears asks every master that this program reaches to connect to every other node, and says who does:
// "redis-master-1 reaches redis-replica-1; …". MIGRATE has a server open a connection and say what came of
// it (https://redis.io/docs/latest/commands/migrate/).
func whoHears(s *faulttest.Subject, split *Split) string {
	s.Helper()
	topology, err := observe.CurrentTopology(s.Context(), s, slots.Equal(3))
	if err != nil {
		s.Fatal(err)
	}
	division, err := split.Divide(topology, aim.Draw{})
	if err != nil {
		s.Fatal(err)
	}
	var told []string
	for _, m := range topology { // one by one, as a server that connects answers nobody meanwhile
		if len(m.Slots) == 0 {
			continue
		}
		if text := whoReaches(s, m, division); text != "" {
			told = append(told, text)
		}
	}
	if len(told) == 0 {
		s.Error("this program reaches no master")
	}
	return strings.Join(told, "; ")
}

// whoReaches is whoHears of one master; "" if this program does not reach it.
func whoReaches(s *faulttest.Subject, m observe.Member, d aim.Division) string {
	s.Helper()
	addr, key := at(s, m.Node).Addr, keyIn(m.Slots[0])
	hasty := compose.DirectClient(s, addr, time.Second)
	defer hasty.Close()
	if err := hasty.Set(s.Context(), key, "x", 0).Err(); err != nil {
		return ""
	}
	client := compose.DirectClient(s, addr, 10*time.Second) // longer than the server waits
	defer client.Close()
	var reached []string
	for _, to := range s.Nodes() {
		if to.Name == m.Node {
			continue
		}
		patience := 5000 // ms, on a busy machine
		if d.Apart(m.Node, to.Name) {
			patience = 100
		}
		host, port, _ := strings.Cut(to.Addr, ":")
		err := client.Do(s.Context(), "MIGRATE", host, port, key, 0, patience, "COPY").Err()
		reaches := err == nil || !strings.HasPrefix(err.Error(), "IOERR")
		if reaches == d.Apart(m.Node, to.Name) {
			s.Errorf("%s reaches %s: %t (%v)", m.Node, to.Name, reaches, err)
		}
		if reaches {
			reached = append(reached, to.Name)
		}
	}
	return fmt.Sprintf("%s reaches %s", m.Node, strings.Join(reached, ", "))
}

func at(s compose.Servers, name string) compose.Node {
	return s.Nodes()[slices.IndexFunc(s.Nodes(), func(n compose.Node) bool { return n.Name == name })]
}

// keyIn is a key of one of some slots.
func keyIn(r slots.Range) string {
	for i := 0; ; i++ {
		if key := "split:" + strconv.Itoa(i); r.Holds(slots.Of(key)) {
			return key
		}
	}
}

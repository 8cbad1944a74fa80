package aim

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Roles of nodes.
const (
	Master  = "master"
	Replica = "replica"
)

// Sides of a cluster: see Selector.Side.
const (
	Majority = "majority"
	Minority = "minority"
)

// pickRandom is what Selector.Pick can be.
const pickRandom = "random"

// Selector picks nodes by what they are when the fault fires. A node has to match all that is given:
//
//	node: redis-master-1            one node, whatever its role is by then
//	role: master, shard: 0          the master of a shard
//	role: replica, shard: 0         all the replicas of a shard
//	role: replica, pick: random     one node of that role, by the run's seed
//	zone: a, except: {role: master} all nodes of a zone that are replicas
type Selector struct {
	// Node is nodes by their names.
	Node OneOrMore[string] `yaml:"node"`
	// Role is Master or Replica.
	Role string `yaml:"role"`
	// Shard is shards by their numbers.
	Shard OneOrMore[int] `yaml:"shard"`
	// Slot picks the node that owns a slot, or with Role Replica that node's replicas; Key does so by the
	// slot of a key.
	Slot *int   `yaml:"slot"`
	Key  string `yaml:"key"`
	// ReplicaOf picks the replicas of a node, which has to be a master by then.
	ReplicaOf string `yaml:"replica_of"`
	// Side is Majority or Minority: the nodes of so many shards that their masters are the fewest that are
	// more than half of all masters, or of the others. Which shards those are is by the run's seed alone, so
	// that the two complement each other, and all steps of a run mean the same shards.
	Side string `yaml:"side"`
	// Service is Compose services by their names, in a cluster of the user's.
	Service OneOrMore[string] `yaml:"service"`
	// Zone is zones by their names in the scenario.
	Zone OneOrMore[string] `yaml:"zone"`
	// Count is how many of the nodes that match are picked, by the run's seed: all of them where fewer match.
	Count *int `yaml:"count"`
	// Percent is which share of them, rounded down to whole nodes, but at least one: half of three nodes
	// is one, so that half of the masters is never a majority of them.
	Percent *units.Percent `yaml:"percent"`
	// Pick is "random", which is Count 1.
	Pick string `yaml:"pick"`
	// Except leaves out the nodes that other selectors pick.
	Except Exceptions `yaml:"except"`
	// ExpectRole leaves the step out unless all nodes of Node have that role by then.
	ExpectRole string `yaml:"expect_role"`
}

// Exceptions are selectors whose nodes another one leaves out.
type Exceptions []Selector

// OneOrMore implements codec.OneOrMore.
func (Exceptions) OneOrMore() {}

// Targets is the selector itself: faults embed it.
func (s Selector) Targets() Finder { return s }

// IsEmpty tells whether nothing is given.
func (s Selector) IsEmpty() bool {
	return len(s.Node)+len(s.Shard)+len(s.Service)+len(s.Zone)+len(s.Except) == 0 && s.Slot == nil && s.Count == nil && s.Percent == nil &&
		s.Role == "" && s.Key == "" && s.ReplicaOf == "" && s.Side == "" && s.Pick == "" && s.ExpectRole == ""
}

// Of is the selector of a fault that can be done to nodes of one role only: where it names neither nodes
// nor a role, it picks those of that role.
func (s Selector) Of(role string) Selector {
	if !s.IsEmpty() && len(s.Node) == 0 && s.Role == "" && s.ReplicaOf == "" {
		s.Role = role
	}
	return s
}

// SparesMasters implements scenarios.MasterSparer: it picks replicas, or nodes that began as such. False
// is for what may hit a master.
func (s Selector) SparesMasters() bool {
	if s.Role != "" {
		return s.Role == Replica
	}
	return s.ReplicaOf != "" || s.ExpectRole == Replica ||
		len(s.Node) > 0 && !slices.ContainsFunc(s.Node, func(n string) bool { return !strings.HasPrefix(n, "redis-replica-") })
}

// NamedNodes implements scenarios.Named.
func (s Selector) NamedNodes() []string {
	if s.Role != "" || s.ExpectRole != "" || s.isRandom() || len(s.Except) > 0 {
		return nil
	}
	return s.Node
}

// NamesNodes implements Finder.
func (s Selector) NamesNodes() bool {
	return len(s.Node) > 0 || s.ReplicaOf != "" || len(s.Service) > 0 || len(s.Zone) > 0 || slices.ContainsFunc(s.Except, Selector.NamesNodes)
}

// role is the role that nodes must have; "" for any.
func (s Selector) role() string {
	switch {
	case s.Role != "":
		return s.Role
	case s.ReplicaOf != "":
		return Replica
	}
	if _, ok := s.slot(); ok {
		return Master
	}
	return ""
}

// slot is the slot whose owner is meant.
func (s Selector) slot() (int, bool) {
	switch {
	case s.Slot != nil:
		return *s.Slot, true
	case s.Key != "":
		return slots.Of(s.Key), true
	}
	return 0, false
}

// isRandom tells whether not all that match are picked.
func (s Selector) isRandom() bool { return s.Count != nil || s.Percent != nil || s.Pick != "" }

// isDrawn tells whether the seed decides who is picked.
func (s Selector) isDrawn() bool { return s.isRandom() || s.Side != "" }

// Package aim is how a fault finds its nodes: selectors and groups, as they stand in a scenario, what is
// wrong with them, and whom they mean on the topology of the moment. It knows nothing of what is done to
// the nodes.
package aim

import (
	"math/rand/v2"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
)

// Finder is what says which nodes a fault is done to: a Selector, or Groups.
type Finder interface {
	// Find finds them on a topology. A *PremiseError is that the step is to be left out.
	Find(t observe.Topology, d Draw) (Targets, error)
	// String says in words what is found: "the master of shard 0".
	String() string
	// NamesNodes tells whether that is by names or zones, which stay with nodes whatever becomes of their
	// roles.
	NamesNodes() bool
}

// Targets are nodes that were found.
type Targets struct {
	// Nodes are sorted by name, each once, and at least one.
	Nodes []string
	// Why says what they were picked by, and of how many: "one of replicas, by the run's seed: 1 of 3".
	Why string
	// Division is the groups that are kept apart, and Cuts what is lost for that of the packets of each node,
	// by its name; none for a Selector.
	Division Division
	Cuts     map[string]Cut
}

// ClientsOnly lists the nodes that only clients do not reach.
func (t Targets) ClientsOnly() (nodes []string) {
	for _, node := range t.Nodes {
		if cut, ok := t.Cuts[node]; ok && !slices.ContainsFunc(slices.Concat(cut.To, cut.From), func(other string) bool { return other != Clients }) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// Cut is what is lost of the packets of one node: those to some others, and those from some. Clients
// stands for all clients among their names.
type Cut struct{ To, From []string }

// Clients are no node.
const Clients = "clients"

// Draw is what random picks follow from.
type Draw struct {
	Seed int64 // of the run
	Step int   // of the scenario, from 0, so that one step's picks do not depend on those of others
	// Occurrence of a step that is repeated, from 0.
	Occurrence int
}

// Random is the source of random numbers of one occurrence.
func (d Draw) Random() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(d.Seed), uint64(d.Step)|uint64(d.Occurrence)<<32))
}

// PremiseError says why a step is left out.
type PremiseError struct{ Reason string }

func (e *PremiseError) Error() string { return e.Reason }

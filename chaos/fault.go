// Package chaos owns the faults and the conductor that runs a scenario on a
// cluster: it injects and heals faults, observes the cluster, and appends all
// that happens to the run's record. It knows nothing of how reports look.
package chaos

import (
	"context"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Fault is one kind of fault with its settings, as decoded from YAML. It knows
// how to do and undo itself to one node; when and to whom is the conductor's.
type Fault interface {
	scenarios.FaultSpec
	// Targets selects the nodes.
	Targets() Selector
	// Detail says in a few words what exactly is done: "SIGKILL".
	Detail() string
	Inject(ctx context.Context, r compose.Runtime, node string) error
	Heal(ctx context.Context, r compose.Runtime, node string) error
	// Effect and Healed are what the runtime reports of a node when the fault
	// has taken hold of it, and when it is undone. An Effect of none: the fault
	// takes hold when Inject returns.
	Effect() []Sign
	Healed() []Sign
}

// Sign is a happening that shows that a fault has taken hold, or is undone.
type Sign struct {
	Action  compose.Action
	Network compose.Network // for Disconnected and Connected
}

// Kinds lists the kinds of fault by their names in a scenario, each with a
// constructor of its settings at their defaults.
func Kinds() map[string]func() scenarios.FaultSpec {
	return map[string]func() scenarios.FaultSpec{
		"stop":       func() scenarios.FaultSpec { return newStop() },
		"kill":       func() scenarios.FaultSpec { return newKill() },
		"pause":      func() scenarios.FaultSpec { return newPause() },
		"disconnect": func() scenarios.FaultSpec { return newDisconnect() },
	}
}

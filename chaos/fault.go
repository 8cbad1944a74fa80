// Package chaos owns the faults and the conductor that runs a scenario on a
// cluster: it injects and heals faults, observes the cluster, and appends all
// that happens to the run's record. It knows nothing of how reports look.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Fault is one kind of fault with its settings, as decoded from YAML. It knows
// how to do and undo itself to one node; when and to whom is the conductor's.
type Fault interface {
	scenarios.FaultSpec
	// Targets selects the nodes.
	Targets() Selector
	// Needs lists what the runtime must be able to do, beside starting and
	// signalling processes.
	Needs() []compose.Ability
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
		"failover":   func() scenarios.FaultSpec { return newFailover() },
		"block":      func() scenarios.FaultSpec { return newBlock() },
		"starve":     func() scenarios.FaultSpec { return newStarve() },
	}
}

// CheckAbilities fails if the scenario's cluster or one of its faults needs
// something that the runtime cannot do. lacks says why it cannot, and "" of what
// it can.
func CheckAbilities(s *scenarios.Scenario, lacks func(compose.Ability) string) error {
	var errs []error
	check := func(what string, need compose.Ability) {
		if why := lacks(need); why != "" {
			errs = append(errs, fmt.Errorf("%s needs a runtime that can %s: %s", what, need, why))
		}
	}
	if s.Cluster.Announce == scenarios.AnnounceHostname {
		check("cluster.announce: hostname", compose.Naming)
	}
	if len(s.Cluster.DNS) > 0 {
		check("cluster.dns", compose.Naming)
	}
	for i, f := range s.Faults {
		kind, err := asFault(i, f)
		if err != nil {
			return err
		}
		for _, need := range kind.Needs() {
			check(fmt.Sprintf("faults[%d]: %s", i, f.Kind), need)
		}
	}
	if len(errs) > 0 {
		return &UnableError{errs}
	}
	return nil
}

// UnableError is the error of a scenario that needs what the runtime cannot do.
type UnableError struct{ needs []error }

func (e *UnableError) Error() string { return errors.Join(e.needs...).Error() }

// Needs tells whether a fault of the scenario needs something of the runtime.
func Needs(s *scenarios.Scenario, a compose.Ability) bool {
	return slices.ContainsFunc(s.Faults, func(f scenarios.Fault) bool {
		kind, ok := f.Spec.(Fault)
		return ok && slices.Contains(kind.Needs(), a)
	})
}

func asFault(index int, f scenarios.Fault) (Fault, error) {
	spec := f.Spec
	if timed, ok := spec.(scenarios.Timed); ok {
		spec = timed.Lasting(f.For.D())
	}
	kind, ok := spec.(Fault)
	if !ok {
		return nil, fmt.Errorf("faults[%d]: %s is not a fault that can be injected", index, f.Kind)
	}
	return kind, nil
}

// addressOf is where a node is dialled.
func addressOf(r compose.Runtime, node string) string {
	for _, n := range r.Nodes() {
		if n.Name == node {
			return n.Addr
		}
	}
	return ""
}

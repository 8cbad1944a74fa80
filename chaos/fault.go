// Package chaos owns the faults and the conductor that runs a scenario on a
// cluster: it injects and heals faults, observes the cluster, and appends all
// that happens to the run's record. It knows nothing of how reports look.
package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Fault is one kind of fault with its settings, as decoded from YAML. It knows
// how to do and undo itself to one node; when and to whom is the conductor's. What else
// the conductor asks of it is optional: Dividing, Demanding, Attributed, Drawing, Preparing, Sustained, Detailed, Enforced, Telling,
// Affecting, Signed, scenarios.Momentary and scenarios.Timed.
type Fault interface {
	scenarios.FaultSpec
	// Targets says which nodes it is done to. An embedded Selector has it.
	Targets() aim.Finder
	Inject(ctx context.Context, c Cluster, node string) error
	Heal(ctx context.Context, c Cluster, node string) error
}

// Selector picks the nodes of a fault, which embeds it.
type Selector = aim.Selector

// Dividing is implemented by faults that have to know all of their targets to be done to one.
type Dividing interface {
	// Among is the fault once its targets are found.
	Among(aim.Targets) Fault
}

// find finds the targets of a fault, and is the fault for them.
func find(f Fault, t observe.Topology, d aim.Draw) (Fault, aim.Targets, error) {
	targets, err := f.Targets().Find(t, d)
	if dividing, ok := f.(Dividing); ok && err == nil {
		f = dividing.Among(targets)
	}
	return f, targets, err
}

// Cluster is what faults act through.
type Cluster interface {
	compose.Servers
	compose.Processes
	compose.Networks
	compose.Disks
	compose.Files
	compose.Sights
	compose.Conditions
}

// Demanding is implemented by faults that not every runtime can do.
type Demanding interface {
	// Needs lists what the runtime must be able to do, beside starting and signalling
	// processes.
	Needs() []compose.Ability
}

func needsOf(f Fault) []compose.Ability {
	if d, ok := f.(Demanding); ok {
		return d.Needs()
	}
	return nil
}

// Preparing is implemented by faults that have to know a target as it was to undo what they do to it.
type Preparing interface {
	// Prepare is the fault for one target: it has looked at that, and changed nothing.
	Prepare(ctx context.Context, c Cluster, node string) (Fault, error)
}

// Attributed is implemented by faults that tell others what they are of.
type Attributed interface {
	// Attribute is the fault as that of a run, and of a step: by its name, or as "faults[2]".
	Attribute(run, step string) Fault
}

// attribute is a fault that knows what it is of, if it wants to.
func (c *Conductor) attribute(f Fault, step int, name string) Fault {
	a, ok := f.(Attributed)
	if !ok {
		return f
	}
	return a.Attribute(c.RunID, cmp.Or(name, fmt.Sprintf("faults[%d]", step)))
}

// Drawing is implemented by faults that leave something to chance, which the run's seed decides.
type Drawing interface {
	// Drawn is the fault for one target, with what the seed makes of it.
	Drawn(seed uint64) Fault
}

// Sustained is implemented by faults that are kept up for as long as they last.
type Sustained interface {
	// Sustain keeps up what Inject has begun, until ctx ends. That it ended is no error.
	Sustain(ctx context.Context, c Cluster, node string) error
}

// prepare is the fault for each of its targets.
func prepare(ctx context.Context, f Fault, c Cluster, targets []string, random *rand.Rand) ([]Fault, error) {
	all := make([]Fault, len(targets))
	for i := range all {
		all[i] = f
		if d, ok := f.(Drawing); ok {
			all[i] = d.Drawn(random.Uint64())
		}
	}
	errs := compose.AtOnce(len(targets), func(i int) (err error) {
		if p, ok := all[i].(Preparing); ok {
			all[i], err = p.Prepare(ctx, c, targets[i])
		}
		return err
	})
	return all, errors.Join(errs...)
}

// sustain keeps a fault up on all of its targets until ctx ends, or until it cannot be on one.
func sustain(ctx context.Context, all []Fault, c Cluster, targets []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return errors.Join(compose.AtOnce(len(targets), func(i int) error {
		s, ok := all[i].(Sustained)
		if !ok {
			<-ctx.Done()
			return nil
		}
		err := s.Sustain(ctx, c, targets[i])
		if ctx.Err() != nil {
			return nil
		}
		cancel()
		return err
	})...)
}

// Detailed is implemented by faults of whose settings something is told.
type Detailed interface {
	// Detail says in a few words what exactly is done: "SIGKILL".
	Detail() string
}

func detail(f Fault) string {
	if d, ok := f.(Detailed); ok {
		return d.Detail()
	}
	return ""
}

// Enforced is implemented by faults of which it is known, once they are in force, what brings them about.
type Enforced interface {
	// By is what brings the fault about on a node: "nftables, in a helper container".
	By(c Cluster, node string) string
}

// mechanism is what brings a fault about on its targets; "" if nobody says so.
func mechanism(all []Fault, c Cluster, targets []string) string {
	var by []string
	for i, f := range all {
		if e, ok := f.(Enforced); ok {
			by = append(by, e.By(c, targets[i]))
		}
	}
	slices.Sort(by)
	return strings.Join(slices.Compact(by), "; ")
}

// Telling is implemented by faults that find out what they did only as they do it, or undo it.
type Telling interface {
	// Outcome is what has come of it so far, of the target that it was prepared for; nil if there is
	// nothing to tell.
	Outcome() *record.Outcome
}

// outcomes are what has come of a fault so far, by target.
func outcomes(all []Fault, targets []string) (told []record.Outcome) {
	for i, f := range all {
		if t, ok := f.(Telling); ok {
			if o := t.Outcome(); o != nil {
				o.Node = targets[i]
				told = append(told, *o)
			}
		}
	}
	return told
}

// Affecting is implemented by faults of which it is known what they do to a server.
type Affecting interface {
	// Past is what the fault does to a target, in the passive: "killed".
	Past() string
	// Effects are what that is to a server; none if it does nothing that matters to one.
	Effects() []record.Effect
}

// does is what a fault of a kind does to its targets, as it is recorded.
func does(f Fault, kind string) (past string, effects []record.Effect) {
	if a, ok := f.(Affecting); ok {
		return a.Past(), a.Effects()
	}
	return "hit by the fault " + kind, []record.Effect{record.Disturbs}
}

// Signed is implemented by faults that the runtime sees. Others take hold when Inject returns,
// and are undone when Heal does.
type Signed interface {
	// Effective and Healed are what the runtime reports of a node when the fault
	// has taken hold of it, and when it is undone; none: as if it were not Signed.
	Effective() []Sign
	Healed() []Sign
}

func signs(f Fault) (effective, healed []Sign) {
	if s, ok := f.(Signed); ok {
		return s.Effective(), s.Healed()
	}
	return nil, nil
}

// Sign is a happening that shows that a fault has taken hold, or is undone.
type Sign struct {
	Action  compose.Action
	Network compose.Network // for Disconnected and Connected
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
		for _, need := range needsOf(kind) {
			check(fmt.Sprintf("faults[%d]: %s", i, f.Kind), need)
		}
	}
	for i, f := range randomFaults(s) {
		if kind, ok := f.Spec.(Fault); ok {
			for _, need := range needsOf(kind) {
				check(fmt.Sprintf("random.faults[%d]: %s", i, f.Kind), need)
			}
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
	needs := func(spec scenarios.FaultSpec) bool {
		kind, ok := spec.(Fault)
		return ok && slices.Contains(needsOf(kind), a)
	}
	return slices.ContainsFunc(s.Faults, func(f scenarios.Fault) bool { return needs(f.Spec) }) ||
		slices.ContainsFunc(randomFaults(s), func(f scenarios.RandomFault) bool { return needs(f.Spec) })
}

// randomFaults are those that a scenario may draw.
func randomFaults(s *scenarios.Scenario) []scenarios.RandomFault {
	if s.Random == nil {
		return nil
	}
	return s.Random.Faults
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

package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

const (
	// warmUp is how long the load runs before the first fault.
	warmUp = 2 * time.Second
	// afterLast is how long the load goes on after the last fault, so that clients can come back.
	afterLast = time.Second
	// between is from the end of a hiccup to the begin of the next one, of another shard: an
	// election that the first has begun is over by then.
	between = 3 * time.Second
	// partition is the kind of a failure that is added to the scenario's own.
	partition = "partition"
	// own is the kind of the scenario's own failures.
	own = "scenario"
)

// lasting is for how long a fault must be in force so that the failover which it causes
// happens meanwhile: the longest suspicion, what is left of agreement after that, the longest
// delay of an election, and a second for slow machines.
func lasting(timeout time.Duration) time.Duration {
	return timeout*3/2 + 3*time.Second
}

// probes is how often nodes are probed where the scenario does not say it: the figures of a
// sweep are of seconds, and probes take processor time that other runs can use.
const probes = "10ms"

// base is a scenario with what a sweep changes of it.
type base struct {
	file     string
	source   []byte
	sets     []string // of the user
	scenario *scenarios.Scenario
	// paced: it says itself how often nodes are probed.
	paced bool
}

// derive is the base with more overrides.
func (b *base) derive(sets ...string) (*scenarios.Scenario, error) {
	if !b.paced {
		sets = append(sets, "observe.probes="+probes)
	}
	return parse.Scenario(b.file, b.source, experiment.Catalog(), append(append([]string{}, b.sets...), sets...))
}

// overridesOf are those of a point.
func overridesOf(paths, values []string) (sets []string) {
	for i, value := range values {
		sets = append(sets, Override(paths[i], value))
	}
	return sets
}

// timeout is a scenario's cluster-node-timeout.
func timeout(s *scenarios.Scenario) time.Duration {
	const fallback = 5000 // of the tool's redis.conf
	ms, err := strconv.ParseInt(s.Cluster.Config.Value(NodeTimeout), 10, 64)
	if err != nil {
		ms = fallback
	}
	return time.Duration(ms) * time.Millisecond
}

// failing is a point's scenario with its own faults, each in force for as long as a failover
// may take: what one value leaves no time for would otherwise not be compared.
func (b *base) failing(point []string) (*scenarios.Scenario, error) {
	s, err := b.derive(append(point, "expect={}", "expect_set={}")...)
	if err != nil {
		return nil, err
	}
	stretch(s, lasting(timeout(s)))
	return s, nil
}

// stretch has every fault that lasts be in force for a time. Faults that began while others
// were in force still do, as long after them, and those that came later still do. The first
// comes after the warm-up, unless workloads begin or end at times of their own.
func stretch(s *scenarios.Scenario, lasts time.Duration) {
	if len(s.Faults) == 0 {
		return
	}
	fixed := slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.Start != 0 || w.Stop != 0 })
	was := slices.Clone(s.Faults)
	slices.SortStableFunc(was, func(a, b scenarios.Fault) int { return cmp.Compare(a.At, b.At) })
	faults := slices.Clone(was)
	if !fixed {
		faults[0].At = min(faults[0].At, units.Duration(warmUp))
	}
	var end units.Duration
	for i := range faults {
		for j := range i {
			at := faults[j].At + was[i].At - was[j].At
			if over := was[j].At + was[j].For; was[j].For > 0 && over <= was[i].At {
				at = faults[j].At + faults[j].For + was[i].At - over
			}
			if j == 0 || at > faults[i].At {
				faults[i].At = at
			}
		}
		if _, momentary := faults[i].Spec.(scenarios.Momentary); !momentary {
			faults[i].For = units.Duration(lasts)
		}
		end = max(end, faults[i].At+faults[i].For)
	}
	needed := end + units.Duration(afterLast)
	if fixed {
		needed = max(needed, s.Duration)
	}
	s.Faults, s.Duration = faults, needed
}

// partitioned is a point's scenario with one fault: the master of shard 0 is cut off from the
// others, and its clients are not.
func (b *base) partitioned(point []string) (*scenarios.Scenario, error) {
	s, err := b.derive(point...)
	if err != nil {
		return nil, err
	}
	lasts := lasting(timeout(s))
	return b.derive(append(point, timeline(warmUp+lasts+afterLast,
		fmt.Sprintf("{at: %s, for: %s, disconnect: {role: master, shard: 0, network: cluster}}", warmUp, lasts))...)...)
}

// timeline are the overrides that give a scenario other faults, and nothing to expect.
func timeline(duration time.Duration, faults ...string) []string {
	return []string{"duration=" + duration.String(), "faults=[" + strings.Join(faults, ", ") + "]", "expect={}", "expect_set={}"}
}

// Hiccup is a kind of disturbance that must not cause a failover.
type Hiccup string

// The kinds of hiccups.
const (
	Freeze Hiccup = "freeze" // the process does not run
	Block  Hiccup = "block"  // the event loop does not
	Cut    Hiccup = "cut"    // the node does not hear the others, nor they it
	Starve Hiccup = "starve" // the process gets next to no processor time
)

// Hiccups lists the kinds.
func Hiccups() []Hiccup { return []Hiccup{Freeze, Block, Cut, Starve} }

// fault is the hiccup on the master of a shard, as a scenario has it.
func (h Hiccup) fault(shard int) string {
	switch h {
	case Block:
		return fmt.Sprintf("block: {role: master, shard: %d}", shard)
	case Cut:
		return fmt.Sprintf("disconnect: {role: master, shard: %d, network: cluster}", shard)
	case Starve:
		return fmt.Sprintf("starve: {role: master, shard: %d}", shard)
	default:
		return fmt.Sprintf("pause: {role: master, shard: %d}", shard)
	}
}

// hiccuping is a point's scenario with hiccups of some lengths, one after the other, each of
// the master of another shard.
func (b *base) hiccuping(point []string, kind Hiccup, lengths []time.Duration, firstShard int) (*scenarios.Scenario, error) {
	at := warmUp
	var faults []string
	for i, length := range lengths {
		shard := (firstShard + i) % b.scenario.Cluster.Masters
		faults = append(faults, fmt.Sprintf("{at: %s, for: %s, %s}", at, length, kind.fault(shard)))
		at += length + between
	}
	return b.derive(append(point, timeline(at, faults...)...)...)
}

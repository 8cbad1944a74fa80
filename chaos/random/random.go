// Package random draws faults: what a scenario says of them and a seed are one list of faults, always
// the same, whose times and targets are written out.
package random

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Plain is the scenario with the faults that a seed draws in the place of its random ones, and with that
// seed. One that has no random faults is as it was, but for the seed.
//
// Targets are named as selectors pick them while every node has the role that it began with. A node has no
// two faults at a time, nor within settleTime of each other.
func Plain(s *scenarios.Scenario, seed int64) (*scenarios.Scenario, error) {
	plain := *s
	plain.Seed = seed
	if s.Random == nil {
		return &plain, nil
	}
	faults, err := draw(s, seed)
	if err != nil {
		return nil, err
	}
	plain.Random, plain.Faults = nil, faults
	return &plain, nil
}

const (
	// settleTime is how long a fault that is over counts as in force: a server that is started needs some
	// time until its peers know it again.
	settleTime = time.Second
	// pace is what times are whole multiples of.
	pace = 10 * time.Millisecond
	// mostTries is how often targets are drawn for a kind before it is left out at a moment.
	mostTries = 20
	// stream tells this source of chance from those of the run's other ones, which are numbered from 0.
	stream = 1 << 40
)

// draw is the faults of a seed, in the order in which they begin.
func draw(s *scenarios.Scenario, seed int64) ([]scenarios.Fault, error) {
	d := &drawer{
		Rand: rand.New(rand.NewPCG(uint64(seed), stream)), Random: s.Random, duration: s.Duration.D(),
		began: aim.Formed(s.Cluster), rules: newRules(s.Cluster, s.Random),
	}
	for _, f := range s.Random.Faults {
		kind, ok := f.Spec.(chaos.Fault)
		if !ok {
			return nil, fmt.Errorf("random: %s is not a fault that can be injected", f.Kind)
		}
		d.kinds = append(d.kinds, kind)
	}
	for at := d.next(0); at+s.Random.For.Least.D() <= d.duration; at = d.next(at) {
		if err := d.one(at); err != nil {
			return nil, err
		}
	}
	return d.drawn, nil
}

// drawer draws the faults of one run.
type drawer struct {
	*rand.Rand
	*scenarios.Random
	kinds    []chaos.Fault // of Random.Faults
	duration time.Duration
	began    observe.Topology
	rules    *rules
	drawn    []scenarios.Fault
}

// next is when something is drawn after a moment.
func (d *drawer) next(after time.Duration) time.Duration {
	mean := float64(d.Every)
	wait := mean * d.ExpFloat64()
	if d.Arrivals == scenarios.ArrivalsUniform {
		wait = 2 * mean * d.Float64()
	}
	return after + max(pace, time.Duration(wait).Round(pace))
}

// one draws the fault of a moment: none if nothing is allowed then. A kind of which no targets are allowed
// is left out, and another one drawn.
func (d *drawer) one(at time.Duration) error {
	lasts := d.For.Least.D() + time.Duration(d.Int64N(int64(d.For.Most-d.For.Least)+1))
	lasts = max(pace, min(lasts, d.duration-at).Truncate(pace))
	var out []int
	for len(out) < len(d.kinds) {
		i := d.weighted(out)
		out = append(out, i)
		for range mostTries {
			found, err := d.kinds[i].Targets().Find(d.began, aim.Draw{Seed: d.Int64()})
			if err != nil {
				return fmt.Errorf("random.faults[%d] (%s): %w", i, d.Faults[i].Kind, err)
			}
			if d.rules.allow(d.kinds[i], found.Nodes, at) {
				return d.begin(i, found.Nodes, at, lasts)
			}
		}
	}
	return nil
}

// weighted draws a kind by the weights of those that are not left out.
func (d *drawer) weighted(out []int) int {
	sum := 0
	for i, f := range d.Faults {
		if !slices.Contains(out, i) {
			sum += f.Weight
		}
	}
	n := d.IntN(sum)
	for i, f := range d.Faults {
		if slices.Contains(out, i) {
			continue
		}
		if n -= f.Weight; n < 0 {
			return i
		}
	}
	return len(d.Faults) - 1
}

// begin adds a fault to those that are drawn: one for each of its targets.
func (d *drawer) begin(i int, nodes []string, at, lasts time.Duration) error {
	if _, momentary := d.kinds[i].(scenarios.Momentary); momentary {
		lasts = 0
	}
	for _, node := range nodes {
		target := aim.Selector{Node: []string{node}}
		if promotes(d.kinds[i]) {
			target.ExpectRole = aim.Replica // if it has taken over for another reason, the step is left out
		}
		spec, err := chaos.AimedAt(d.kinds[i], target)
		if err != nil {
			return fmt.Errorf("random.faults[%d] (%s): %w", i, d.Faults[i].Kind, err)
		}
		d.drawn = append(d.drawn, scenarios.Fault{At: units.Duration(at), For: units.Duration(lasts), Kind: d.Faults[i].Kind, Spec: spec})
	}
	d.rules.begin(d.kinds[i], nodes, at+lasts+settleTime)
	return nil
}

// rules say which faults may be in force at a time.
type rules struct {
	*scenarios.Random
	scenarios.Cluster
	shard   map[string]int
	members [][]string // the nodes of each shard
	// mayBeMaster are the nodes that may be masters by now: those that began as such, and once one of a shard
	// was hit, all of it.
	mayBeMaster map[string]bool
	// roam tells that replicas may have moved to other shards, which servers have them do if a shard has lost all
	// of its own and another has two (cluster-allow-replica-migration).
	roam    bool
	inForce []force
}

// force is a fault that is in force.
type force struct {
	nodes []string
	until time.Duration
}

func newRules(c scenarios.Cluster, r *scenarios.Random) *rules {
	all := &rules{Random: r, Cluster: c, shard: map[string]int{}, members: make([][]string, c.Masters), mayBeMaster: map[string]bool{}}
	for _, m := range aim.Formed(c) {
		all.shard[m.Node] = m.Shard
		all.members[m.Shard] = append(all.members[m.Shard], m.Node)
		all.mayBeMaster[m.Node] = m.Master
	}
	return all
}

// allow tells whether a fault may begin, beside those that are in force then.
func (r *rules) allow(kind chaos.Fault, nodes []string, at time.Duration) bool {
	r.inForce = slices.DeleteFunc(r.inForce, func(f force) bool { return f.until <= at })
	if len(r.inForce) >= r.AtMost {
		return false
	}
	hit := slices.Clone(nodes)
	for _, f := range r.inForce {
		if slices.ContainsFunc(f.nodes, func(n string) bool { return slices.Contains(nodes, n) }) {
			return false
		}
		hit = append(hit, f.nodes...)
	}
	if particular(kind) && slices.ContainsFunc(nodes, r.changed) {
		return false
	}
	return r.AllowQuorumLoss || r.keepsQuorum(hit)
}

// keepsQuorum tells whether a majority of the masters, and a node of each shard that has several, are left when these
// are hit.
func (r *rules) keepsQuorum(hit []string) bool {
	shards := map[int]bool{}
	masters := 0
	for _, n := range hit {
		if !r.mayBeMaster[n] {
			continue
		}
		if s := r.shard[n]; r.roam || !shards[s] {
			shards[s] = true
			masters++
		}
	}
	if masters > (r.Masters-1)/2 {
		return false
	}
	return r.Replicas == 0 || !slices.ContainsFunc(r.members, func(of []string) bool {
		return !slices.ContainsFunc(of, func(n string) bool { return !slices.Contains(hit, n) })
	})
}

// particular tells whether what a fault does depends on the role of its target: a command that only masters or only
// replicas take fails on others.
func particular(kind chaos.Fault) bool {
	_, commander := kind.(scenarios.Commander)
	return commander || promotes(kind)
}

// promotes tells whether a fault has a replica take over.
func promotes(kind chaos.Fault) bool {
	affecting, ok := kind.(chaos.Affecting)
	return ok && slices.Contains(affecting.Effects(), record.Promotes)
}

// changed tells whether a node may have another role than it began with.
func (r *rules) changed(node string) bool {
	return r.roam || !slices.ContainsFunc(r.members[r.shard[node]], func(n string) bool { return !r.mayBeMaster[n] }) && r.Replicas > 0
}

// begin notes that a fault is in force, and what may come of it.
func (r *rules) begin(kind chaos.Fault, nodes []string, until time.Duration) {
	r.inForce = append(r.inForce, force{nodes, until})
	for _, node := range nodes {
		if !r.mayBeMaster[node] && !promotes(kind) {
			continue
		}
		for _, other := range r.members[r.shard[node]] {
			r.mayBeMaster[other] = true
		}
		r.roam = r.roam || r.Replicas > 1
	}
	if r.roam {
		for node := range r.mayBeMaster {
			r.mayBeMaster[node] = true
		}
	}
}
